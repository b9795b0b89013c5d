// SPDX-License-Identifier: MIT
// A field that proposes what it is likely to hold, from the collection or from a list.
import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { get } from '../../../api/client';
import { useText } from '../../../i18n';
import { Field } from '../../../ui/field';
import { useEditing, useFault } from '../editor-context';
import type { TextField } from '../model/form';

interface Option {
  term: string;
  /** Records that have it; none for what comes from a list. */
  hits?: number;
}

const FORMATS = ['LP', '2xLP', '3xLP', 'EP', '7"', '10"', '12"', 'Maxi-Single', 'Box Set', 'CD', '2xCD', 'Cassette'];
const WAIT = 120; // milliseconds: less than the time between two letters of most people
const MOST = 8;

type Source = 'artist' | 'label' | 'catalog' | 'formats';

function useLater(value: string, wait: number): string {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), wait);
    return () => clearTimeout(timer);
  }, [value, wait]);
  return later;
}

function useOptions(source: Source, typed: string, open: boolean): Option[] {
  const q = useLater(typed.trim(), WAIT);
  const { data } = useQuery({
    queryKey: ['autocomplete', source, q],
    queryFn: ({ signal }) => get<Option[]>(`/api/records/search/autocomplete?${new URLSearchParams({ field: source, q, k: String(MOST) })}`, signal),
    enabled: open && source !== 'formats' && q !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!open) return [];
  if (source === 'formats') {
    const known = FORMATS.includes(typed.trim());
    return FORMATS.filter((term) => known || term.toLowerCase().includes(typed.trim().toLowerCase())).map((term) => ({ term }));
  }
  return q === '' ? [] : (data ?? []).filter(({ term }) => term !== typed);
}

/** Which option the keys lead to; none again past either end, so that what was typed can be kept. */
function step(key: string, at: number, count: number): number | null {
  if (key === 'ArrowDown') return at + 1 >= count ? -1 : at + 1;
  if (key === 'ArrowUp') return at === -1 ? count - 1 : at - 1;
  return null;
}

export function Combobox({ name, source, required, class: more }: { name: TextField; source: Source; required?: boolean; class?: string }) {
  const { form, set, left } = useEditing();
  const { record } = useText();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const listId = useId();
  const list = useRef<HTMLUListElement>(null);
  const options = useOptions(source, form[name], open);
  const shown = open && options.length > 0;
  const choose = (term: string): void => { set(name, term); close(); };
  const close = (): void => { setOpen(false); setAt(-1); };

  useEffect(() => { list.current?.children[at]?.scrollIntoView({ block: 'nearest' }); }, [at]);

  const pressed = (event: KeyboardEvent): void => {
    const option = options[at];
    const next = step(event.key, at, options.length);
    if (next !== null && !event.altKey) {
      event.preventDefault();
      if (!open) setOpen(true);
      else setAt(next);
    } else if (event.key === 'Enter' && shown && option) {
      event.preventDefault();
      choose(option.term);
    } else if (event.key === 'Escape' && shown) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  return (
    <Field label={record.fields[name]} fault={useFault(name)} required={required} class={more}>
      {(control) => (
        <div class="relative">
          <input {...control} name={name} class="field" type="text" dir="auto" autocomplete="off" enterkeyhint="next" role="combobox" aria-autocomplete="list"
            aria-expanded={shown} aria-controls={listId} aria-activedescendant={shown && at >= 0 ? `${listId}-${at}` : undefined}
            value={form[name]} onKeyDown={pressed} onFocus={() => source === 'formats' && setOpen(true)}
            onInput={(event) => { set(name, event.currentTarget.value); setOpen(true); setAt(-1); }}
            onBlur={() => { close(); left(name); }} />
          <ul ref={list} id={listId} role="listbox" aria-label={record.fields[name]} hidden={!shown}
            class="absolute inset-x-0 top-full z-20 mt-1 max-h-72 overflow-y-auto rounded-xl border border-line bg-surface p-1.5 shadow-float">
            {options.map((option, i) => (
              <li key={option.term} id={`${listId}-${i}`} role="option" aria-selected={i === at}
                class="flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-3 py-1.5 hover:bg-sunken aria-selected:bg-accent-soft"
                onPointerDown={(event) => event.preventDefault()} onClick={() => choose(option.term)}>
                <bdi class="grow">{option.term}</bdi>
                {option.hits !== undefined && <span class="text-sm text-muted">{record.combo.hits(option.hits)}</span>}
              </li>
            ))}
          </ul>
          <span role="status" class="sr-only">{shown && record.combo.options(options.length)}</span>
        </div>
      )}
    </Field>
  );
}
