// SPDX-License-Identifier: MIT
// Deleting a record: gone from the page at once, and back as quickly.
import { navigate } from 'wouter-preact/use-browser-location';
import type { VinylRecord } from '../../../api/types';
import { text } from '../../../i18n';
import { toast } from '../../../ui/toast';
import { deleteRecord, restoreRecord } from '../data';

async function takeBack(one: VinylRecord): Promise<void> {
  const { remove, by } = text().record;
  try {
    await restoreRecord(one.id);
    toast(remove.undone(by(one.name, one.artist)), { tone: 'good' });
    navigate(`/records/${one.id}`);
  } catch {
    toast(remove.undoFailed, { tone: 'bad' });
  }
}

export function useRemove(one: VinylRecord): () => void {
  return () => {
    const { record, shell } = text();
    const name = record.by(one.name, one.artist);
    navigate('/records');
    deleteRecord(one.id).then(
      () => toast(record.remove.done(name), { action: { label: shell.undo, run: () => void takeBack(one) } }),
      () => {
        navigate(`/records/${one.id}`);
        toast(record.remove.failed, { tone: 'bad' });
      },
    );
  };
}
