// SPDX-License-Identifier: MIT
// What the list's page does with what is selected, or with the record that the keyboard is at.
import { useMemo } from 'preact/hooks';
import { text } from '../../i18n';
import type { Changes } from './bulk';
import { useCollection } from './hooks';
import { sayResult } from './say';
import { NOTHING, type Selection, isEmpty, toggle } from './selection';

export interface ListActions {
  /** What is selected, else the record at the cursor, else nothing. */
  readonly target: () => Selection;
  readonly remove: () => void;
  readonly change: (changes: Changes) => void;
}

export function useListActions(): ListActions {
  const { list, actions } = useCollection();
  return useMemo(() => {
    const target = (): Selection => {
      const record = list.cursor < 0 ? undefined : list.shown?.pages.get(list.cursor);
      return isEmpty(list.selection) && record ? toggle(NOTHING, record.id, list.cursor) : list.selection;
    };
    return {
      target,
      remove: () => {
        const what = target();
        if (!isEmpty(what)) void actions.remove(what, (n) => text().records.deleted(n)).then(sayResult);
      },
      change: (changes) => {
        const what = target();
        if (!isEmpty(what)) void actions.change(what, changes, (n) => text().records.changed(n)).then(sayResult);
      },
    };
  }, [list, actions]);
}
