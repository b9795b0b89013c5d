// SPDX-License-Identifier: MIT
// Which key does what in the list.

export const COMMANDS = [
  'menu', 'undo', 'selectAll', 'search', 'new', 'edit', 'select', 'down', 'up', 'left', 'right', 'first', 'last',
  'open', 'remove', 'layout', 'filters', 'help', 'escape',
] as const;
export type Command = (typeof COMMANDS)[number];

/** What is needed of a keyboard event. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Where the keyboard is: in a field one types in, on a control that Enter and blanks belong to, or elsewhere. */
export type Place = 'text' | 'control' | 'page';

const WITH_CONTROL: Readonly<Record<string, Command>> = { k: 'menu', z: 'undo', a: 'selectAll' };

const SINGLE: Readonly<Record<string, Command>> = {
  '/': 'search', n: 'new', e: 'edit', x: 'select', j: 'down', k: 'up', v: 'layout', f: 'filters', '?': 'help', '#': 'remove',
};

const NAMED: Readonly<Record<string, Command>> = {
  ArrowDown: 'down', ArrowUp: 'up', ArrowLeft: 'left', ArrowRight: 'right', Home: 'first', End: 'last', Enter: 'open', Delete: 'remove', Escape: 'escape',
};

/** The keys of a command, for help and titles. */
export const KEYS: Readonly<Record<Command, readonly string[]>> = {
  menu: ['Ctrl', 'K'], undo: ['Ctrl', 'Z'], selectAll: ['Ctrl', 'A'], search: ['/'], new: ['N'], edit: ['E'], select: ['X'],
  down: ['J'], up: ['K'], left: ['←'], right: ['→'], first: ['Home'], last: ['End'], open: ['Enter'], remove: ['#'], layout: ['V'], filters: ['F'],
  help: ['?'], escape: ['Esc'],
};

/**
 * The command of a key press, or none. `singles`: whether keys without Ctrl do anything (they can be switched off, as
 * they get in the way of those who speak to their computer).
 */
export function commandOf(press: KeyPress, place: Place, singles: boolean): Command | null {
  if (press.altKey) return null;
  if (press.ctrlKey || press.metaKey) {
    if (press.shiftKey) return null;
    const command = WITH_CONTROL[press.key.toLowerCase()] ?? null;
    return command !== 'menu' && place === 'text' ? null : command;
  }
  if (place === 'text') return press.key === 'Escape' ? 'escape' : null;
  const named = NAMED[press.key];
  if (named !== undefined) return place === 'control' && named !== 'escape' ? null : named;
  return singles ? SINGLE[press.key] ?? SINGLE[press.key.toLowerCase()] ?? null : null;
}
