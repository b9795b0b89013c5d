// SPDX-License-Identifier: MIT
// What came of a change of many records, in words.
import { text } from '../../i18n';
import { toast } from '../../ui/toast';
import type { Result } from './actions';
import { undo } from './collection';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What went well is told by the undo that it left behind. */
export function sayResult(result: Result): void {
  const { records } = text();
  if (result.error !== null && result.done === 0) toast(records.failedAll(reasonOf(result.error)), { tone: 'bad' });
  else if (result.error !== null) toast(records.failed(result.unsent, reasonOf(result.error)), { tone: 'bad' });
  else if (result.refused > 0) toast(records.failed(result.refused, result.reason ?? ''), { tone: 'bad' });
  else if (result.unsent > 0) toast(records.stopped(result.unsent));
}

/** Takes back the last change, or the one that is named. */
export async function sayUndo(id?: number): Promise<void> {
  const { records } = text();
  try {
    const left = await undo.undo(id);
    if (left === null) toast(records.nothingToUndo);
    else toast(left === 0 ? records.undone : records.undonePartly(left), { tone: left === 0 ? 'good' : 'plain' });
  } catch {
    toast(records.undoFailed, { tone: 'bad' });
  }
}
