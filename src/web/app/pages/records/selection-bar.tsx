// SPDX-License-Identifier: MIT
// In the place of the bar while something is selected: how much, and what can be done with it.
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { Button, IconButton } from '../../ui/button';
import { useCollection, useList } from './hooks';
import { NOTHING, isEmpty, selectAll, selectedCount } from './selection';

export function SelectionBar({ onEdit, onDelete }: { onEdit: () => void; onDelete: () => void }) {
  const { records } = useText();
  const { list } = useCollection();
  useList((now) => now.revision);
  const selection = useList((now) => now.selection);
  const total = useList((now) => now.shown?.pages.total ?? 0);
  const count = selectedCount(selection, total);
  return (
    <div role="toolbar" aria-label={records.selected(count)} class="flex min-h-11 grow items-center gap-1 rounded-lg bg-accent-soft pe-1">
      <IconButton icon="close" name={records.clearSelection} onClick={() => { list.select(NOTHING); }} />
      <span role="status" class="grow font-semibold tabular-nums"><span class="max-sm:hidden">{records.selected(count)}</span><span class="sm:hidden" aria-hidden="true">{number(count)}</span></span>
      {count < total && <Button look="quiet" small onClick={() => { list.select(selectAll()); }}>{records.selectAll(total)}</Button>}
      <Button look="quiet" small icon="edit" disabled={isEmpty(selection) || count === 0} onClick={onEdit}>
        <span class="max-sm:sr-only">{records.editSelected}</span>
      </Button>
      <Button look="quiet" small icon="trash" class="text-bad" disabled={isEmpty(selection) || count === 0} onClick={onDelete}>
        <span class="max-sm:sr-only">{records.deleteSelected}</span>
      </Button>
    </div>
  );
}
