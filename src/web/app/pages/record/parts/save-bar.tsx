// SPDX-License-Identifier: MIT
// The bar with the buttons, within reach of a thumb wherever the page is scrolled to.
import { useText } from '../../../i18n';
import { Button } from '../../../ui/button';
import type { Keeping } from '../save/use-draft';

interface Props {
  adds: boolean;
  busy: boolean;
  fault: string;
  keeping: Keeping;
  onCancel: () => void;
}

export function SaveBar({ adds, busy, fault, keeping, onCancel }: Props) {
  const { record, shell } = useText();
  const status = keeping === 'kept' ? record.draft.keeping : keeping === 'impossible' ? record.draft.notKept : '';
  return (
    <div class="save-bar sticky bottom-[calc(3.5rem+env(safe-area-inset-bottom))] z-20 -mx-4 border-t border-line bg-bg/95 px-4 py-3 backdrop-blur sm:-mx-6 sm:px-6 md:bottom-0 md:-mx-8 md:px-8">
      <p role="alert" class="mb-2 text-bad empty:hidden">{fault}</p>
      <div class="flex items-center gap-2">
        <p class="min-w-0 grow text-sm text-muted max-sm:sr-only">{status}</p>
        <Button class="max-sm:flex-1" onClick={onCancel}>{shell.cancel}</Button>
        <Button class="max-sm:flex-2" type="submit" look="main" busy={busy}>{busy ? record.save.saving : adds ? record.save.add : record.save.save}</Button>
      </div>
    </div>
  );
}
