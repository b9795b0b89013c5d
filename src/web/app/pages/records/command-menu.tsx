// SPDX-License-Identifier: MIT
// The command menu: type a few letters of a command, a place, a saved view or a record.
import { useQuery } from '@tanstack/preact-query';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { useText } from '../../i18n';
import { changeLook } from '../../base/look';
import { classes } from '../../ui/class';
import { Cover } from '../../ui/cover';
import { Icon, type IconName } from '../../ui/icon';
import type { VinylRecord } from '../../api/types';
import { type Entry, matching } from './entries';
import { sayUndo } from './say';
import { hrefOfView, useSavedViews } from './saved-views';
import { findRecords } from './source';
import { EMPTY_VIEW, withQuery } from './view';

interface Shown extends Entry { icon?: IconName; record?: VinylRecord; group: string }

const FOUND = 6;

function useEntries(onHelp: () => void): Shown[] {
  const { records: t, shell } = useText();
  const [, navigate] = useLocation();
  const [views] = useSavedViews();
  const to = (name: string, href: string, icon: IconName): Shown => ({ id: href, name, icon, group: t.menu.places, run: () => { navigate(href); } });
  const act = (id: string, name: string, icon: IconName, run: () => void): Shown => ({ id, name, icon, group: t.menu.actions, run });
  return [
    act('new', t.addLong, 'plus', () => { navigate('/records/new'); }),
    act('undo', t.keys.undo, 'undo', () => { void sayUndo(); }),
    to(shell.home, '/', 'home'), to(shell.records, '/records', 'record'), to(shell.shop, '/shop', 'shop'), to(shell.import, '/import', 'upload'),
    to(shell.insights, '/insights', 'chart'), to(t.trash, '/records/trash', 'trash'), to(shell.settings, '/settings', 'settings'),
    ...views.map((view): Shown => ({ id: `view ${view.name}`, name: view.name, icon: 'star', group: t.savedViews, run: () => { navigate(hrefOfView(view)); } })),
    act('light', t.menu.theme.light, 'settings', () => { changeLook({ theme: 'light' }); }),
    act('dark', t.menu.theme.dark, 'settings', () => { changeLook({ theme: 'dark' }); }),
    act('system', t.menu.theme.system, 'settings', () => { changeLook({ theme: null }); }),
    act('help', t.keys.title, 'keyboard', onHelp),
  ];
}

function useRecords(q: string): Shown[] {
  const { records: t } = useText();
  const [, navigate] = useLocation();
  const wanted = q.trim();
  const { data } = useQuery({
    queryKey: ['command-search', wanted],
    queryFn: ({ signal }) => findRecords(withQuery(EMPTY_VIEW, wanted), 0, FOUND, signal),
    enabled: wanted.length > 1,
    placeholderData: (before) => before,
  });
  if (wanted.length < 2) return [];
  const found = (data?.items ?? []).map((record): Shown => ({ id: record.id, name: record.name, record, group: t.title, run: () => { navigate(`/records/${record.id}`); } }));
  return [...found, { id: 'search', name: t.menu.searchFor(wanted), icon: 'search', group: t.title, run: () => { navigate(`/records?q=${encodeURIComponent(wanted)}`); } }];
}

function Option({ entry, id, active, choose }: { entry: Shown; id: string; active: boolean; choose: () => void }) {
  const box = useRef<HTMLLIElement>(null);
  useEffect(() => { if (active) box.current?.scrollIntoView({ block: 'nearest' }); }, [active]);
  return (
    <li ref={box} id={id} role="option" aria-selected={active} onClick={choose} class={classes('flex min-h-11 cursor-default items-center gap-3 rounded-lg px-3', active ? 'bg-accent-soft' : 'hover:bg-sunken')}>
      {entry.record ? <Cover record={entry.record} class="size-8! shrink-0 rounded" /> : entry.icon && <Icon name={entry.icon} class="text-muted" />}
      <span class="min-w-0 truncate">{entry.name}{entry.record && <span class="ms-2 text-muted">{entry.record.artist}</span>}</span>
    </li>
  );
}

export default function CommandMenu({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const { records: t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const commands = useEntries(onHelp);
  const entries = [...matching(commands, q), ...useRecords(q)];
  const active = Math.min(at, entries.length - 1);
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const choose = (entry: Shown | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter') choose(entries[active]);
    else if (event.key === 'ArrowDown') setAt((active + 1) % Math.max(1, entries.length));
    else if (event.key === 'ArrowUp') setAt((active - 1 + entries.length) % Math.max(1, entries.length));
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} aria-label={t.menu.title} onCancel={(event) => { event.preventDefault(); onClose(); }} onPointerDown={(event) => { if (event.target === dialog.current) onClose(); }}
      class="mx-auto mb-auto mt-[12dvh] flex max-h-[70dvh] w-[min(36rem,94vw)] animate-rise flex-col overflow-hidden rounded-2xl border border-line bg-surface text-ink shadow-float">
      <div class="flex items-center gap-3 border-b border-line px-4">
        <Icon name="search" class="text-muted" />
        <input autofocus role="combobox" aria-expanded="true" aria-controls={`${id}-list`} aria-activedescendant={entries.length > 0 ? `${id}-${active}` : undefined} aria-autocomplete="list"
          aria-label={t.menu.hint} placeholder={t.menu.hint} value={q} autocomplete="off" spellcheck={false} class="min-h-13 w-full bg-transparent outline-none placeholder:text-muted"
          onInput={(event) => { setQ(event.currentTarget.value); setAt(0); }} onKeyDown={press} />
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label={t.menu.title} class="overflow-y-auto p-2">
        {entries.map((entry, n) => <Option key={entry.id} entry={entry} id={`${id}-${n}`} active={n === active} choose={() => { choose(entry); }} />)}
      </ul>
      <p role="status" class={entries.length > 0 ? 'sr-only' : 'px-5 pb-5 pt-2 text-muted'}>{entries.length > 0 ? t.menu.results(entries.length) : t.menu.none}</p>
    </dialog>
  );
}
