// SPDX-License-Identifier: MIT
// What the keyboard can do on every page of somebody who is signed in: command menu, search, a new record, undo, help.
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { useText } from '../../i18n';
import { lazily } from '../../ui/lazy';
import { Keys } from './key-caps';
import type { Command } from './keys';
import { useCommands } from './press';
import { sayUndo } from './say';
import { useUndoToasts } from './undo-toast';

const CommandMenu = lazily(() => import('./command-menu'));
const Help = lazily(() => import('./help'));

const searchField = () => document.getElementById('search-records') as HTMLInputElement | null;

let showMenu: () => void = () => undefined;

/** At the foot of the navigation: that there is a command menu, and by which keys. */
export function MenuHint() {
  const { records } = useText();
  return (
    <button type="button" class="mt-auto flex min-h-11 w-full items-center gap-3 rounded-lg px-3 text-sm text-muted hover:bg-sunken hover:text-ink max-md:hidden" onClick={() => { showMenu(); }}>
      <span class="min-w-0 grow truncate text-start">{records.menu.short}</span>
      <Keys command="menu" />
    </button>
  );
}

export function Shortcuts() {
  const [open, setOpen] = useState<'menu' | 'help' | null>(null);
  const [, navigate] = useLocation();
  useUndoToasts();
  showMenu = () => { setOpen('menu'); };

  const search = () => {
    const field = searchField();
    if (!field) return navigate('/records', { state: { search: true } });
    field.focus();
    field.select();
  };
  const run = (command: Command): boolean => {
    switch (command) {
      case 'menu': setOpen('menu'); return true;
      case 'help': setOpen('help'); return true;
      case 'undo': void sayUndo(); return true;
      case 'search': search(); return true;
      case 'new': navigate('/records/new'); return true;
      default: return false;
    }
  };
  useCommands(run);
  const close = () => { setOpen(null); };
  if (open === 'menu') return <CommandMenu onClose={close} onHelp={() => { setOpen('help'); }} />;
  return open === 'help' ? <Help onClose={close} /> : null;
}
