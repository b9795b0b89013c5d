// SPDX-License-Identifier: MIT
// Key presses of the page as commands, for whoever listens: the shell everywhere, the list on its page.
import { useEffect, useRef } from 'preact/hooks';
import { readKept } from './kept';
import { type Command, type Place, commandOf } from './keys';

const WRITTEN = 'input:not([type=checkbox],[type=radio],[type=button],[type=range]),textarea,select,[contenteditable=true]';

function placeOf(target: EventTarget | null): Place {
  if (!(target instanceof Element)) return 'page';
  if (target.closest(WRITTEN)) return 'text';
  if (target.closest('[data-open]')) return 'page';
  return target.closest('button,a,summary,input,[role=menu]') ? 'control' : 'page';
}

/** A modal dialog has the keyboard for itself, but for the commands that close or open over it. */
const isBlocked = (): boolean => document.querySelector('dialog:modal, [popover]:popover-open') !== null;

/** `run` says whether it did something; the browser does nothing more then. */
export function useCommands(run: (command: Command, event: KeyboardEvent) => boolean): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || isBlocked()) return;
      const command = commandOf(event, placeOf(event.target), readKept().singleKeys);
      if (command !== null && latest.current(command, event)) event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => { removeEventListener('keydown', press); };
  }, []);
}
