// SPDX-License-Identifier: MIT
// What the keyboard does in the list.
import { useLocation } from 'wouter-preact';
import { toggleAt, selectTo } from './clicks';
import { useCollection } from './hooks';
import type { Command } from './keys';
import type { Moves } from './moves';
import { useCommands } from './press';
import { hrefOf } from './row';
import { searchId } from './search-box';
import { NOTHING, isEmpty, selectAll } from './selection';
import type { ListActions } from './use-actions';
import type { ViewControl } from './use-view';

interface Does {
  readonly moves: Moves;
  readonly view: ViewControl;
  readonly actions: ListActions;
  readonly onEdit: () => void;
  readonly onFilters: () => void;
}

export function useKeys({ moves, view, actions, onEdit, onFilters }: Does): void {
  const collection = useCollection();
  const { list } = collection;
  const [, navigate] = useLocation();

  const go = (columns: number, rows: number, event: KeyboardEvent): boolean => {
    moves.by(columns, rows);
    if (event.shiftKey && event.key.startsWith('Arrow')) void selectTo(collection, list.cursor).catch(() => undefined);
    return true;
  };
  const escape = (): boolean => {
    if (document.activeElement?.id === searchId) (document.activeElement as HTMLElement).blur();
    else if (list.selecting) list.select(NOTHING);
    else return false;
    return true;
  };
  const sideways = (by: number, event: KeyboardEvent): boolean => {
    if (list.view.layout === 'table') return false;
    return go(document.dir === 'rtl' ? -by : by, 0, event);
  };
  const open = (event: KeyboardEvent): boolean => {
    if (event.target instanceof Element && event.target.closest('[data-open]') && !list.selecting) return false; // the link does it
    const record = list.shown?.pages.get(list.cursor);
    if (record) navigate(hrefOf(record));
    return record !== undefined;
  };
  const edit = (): boolean => {
    const record = list.shown?.pages.get(list.cursor);
    if (!isEmpty(list.selection)) onEdit();
    else if (record) navigate(`${hrefOf(record)}/edit`);
    return true;
  };

  useCommands((command: Command, event: KeyboardEvent): boolean => {
    switch (command) {
      case 'down': return go(0, 1, event);
      case 'up': return go(0, -1, event);
      case 'left': return sideways(-1, event);
      case 'right': return sideways(1, event);
      case 'first': moves.to(0); return true;
      case 'last': moves.to(Infinity); return true;
      case 'open': return open(event);
      case 'edit': return edit();
      case 'select': if (list.cursor >= 0) toggleAt(collection, list.cursor); return true;
      case 'selectAll': list.select(selectAll()); return true;
      case 'remove': if (!isEmpty(actions.target())) actions.remove(); return true;
      case 'layout': view.show({ ...list.view, layout: list.view.layout === 'grid' ? 'table' : 'grid' }); return true;
      case 'filters': onFilters(); return true;
      case 'escape': return escape();
      default: return false;
    }
  });
}
