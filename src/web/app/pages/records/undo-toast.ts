// SPDX-License-Identifier: MIT
// What can be taken back says so for some seconds, with a button.
import { useEffect } from 'preact/hooks';
import { text } from '../../i18n';
import { dismiss, toast } from '../../ui/toast';
import { undo } from './collection';
import { sayUndo } from './say';

export function useUndoToasts(): void {
  useEffect(() => {
    const shown = new Map<number, number>();
    let newest = undo.last?.id ?? 0;
    return undo.subscribe(() => {
      const { last } = undo;
      if (last && last.id > newest) {
        newest = last.id;
        shown.set(last.id, toast(last.message, { action: { label: text().shell.undo, run: () => { void sayUndo(last.id); } } }));
      }
      for (const [id, one] of shown) if (!undo.has(id)) { dismiss(one); shown.delete(id); }
    });
  }, []);
}
