// SPDX-License-Identifier: MIT
// Deleting a record: gone from the page at once, and back as quickly, by the button or by Ctrl+Z.
import { navigate } from 'wouter-preact/use-browser-location';
import type { VinylRecord } from '../../../api/types';
import { text } from '../../../i18n';
import { toast } from '../../../ui/toast';
import { undo } from '../../records/collection';
import { deleteRecord, restoreRecord } from '../data';

const back = (id: string) => async (): Promise<number> => {
  await restoreRecord(id);
  navigate(`/records/${id}`);
  return 0;
};

export function removeRecord({ id, name, artist }: VinylRecord): void {
  const { record } = text();
  navigate('/records');
  deleteRecord(id).then(
    () => undo.push(record.remove.done(record.by(name, artist)), back(id)),
    () => {
      navigate(`/records/${id}`);
      toast(record.remove.failed, { tone: 'bad' });
    },
  );
}
