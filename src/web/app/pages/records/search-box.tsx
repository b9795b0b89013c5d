// SPDX-License-Identifier: MIT
// Where one types what to find. The field itself is the browser's: no key press waits for anything to be drawn.
import { useEffect, useRef } from 'preact/hooks';
import { useText } from '../../i18n';
import { Icon } from '../../ui/icon';
import { useCollection, useList } from './hooks';
import type { ViewControl } from './use-view';
import { withQuery } from './view';

export const searchId = 'search-records';

export function SearchBox({ view }: { view: ViewControl }) {
  const { list } = useCollection();
  const { records } = useText();
  const field = useRef<HTMLInputElement>(null);
  const q = useList((now) => now.view.q);
  useEffect(() => {
    // As it is now: somebody may have typed on since the drawing that this belongs to.
    if (field.current && field.current.value !== list.view.q) field.current.value = list.view.q;
  }, [q, list]);
  return (
    <div role="search" class="relative min-w-0 grow">
      <Icon name="search" size={18} class="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-muted" />
      <input ref={field} id={searchId} type="search" defaultValue={q} maxLength={200} autocomplete="off" autocapitalize="off" spellcheck={false} enterkeyhint="search"
        aria-label={records.search} placeholder={records.searchHint} class="field ps-10! [&::-webkit-search-cancel-button]:opacity-60"
        onInput={(event) => { view.type(withQuery(list.view, event.currentTarget.value)); }} />
    </div>
  );
}
