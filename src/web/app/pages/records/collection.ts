// SPDX-License-Identifier: MIT
// The list of the user who is signed in, its actions and its undo: one for all pages, so that going back finds it as it was.
import { watchEvents } from '../../api/events';
import { gathered } from '../../api/gather';
import { Problem, isPassing } from '../../api/problem';
import { queries, retryDelay } from '../../api/queries';
import { currentSession, watchSession } from '../../api/session';
import type { VinylRecord } from '../../api/types';
import { Actions } from './actions';
import { RecordList } from './list';
import { type Patience, patiently } from './patient';
import { findRecords, getRecord, sendBatch } from './source';
import { UndoStack } from './undo';

/** How often at most others' changes have the list loaded anew. */
const PAUSE = 1000;

const reading: Patience = { isPassing, delay: retryDelay };
/** Of a write only the rate limit says for certain that nothing of it was done. */
const writing: Patience = { isPassing: (error) => error instanceof Problem && error.status === 429, delay: retryDelay };

export interface Collection {
  readonly user: string | null;
  readonly list: RecordList<VinylRecord>;
  readonly actions: Actions<VinylRecord>;
}

/** What can be taken back, on whatever page it was done. */
export const undo = new UndoStack();

function make(user: string | null): Collection {
  const list = new RecordList<VinylRecord>(findRecords, { delay: (failures, error) => retryDelay(failures, error) });
  const changed = () => {
    list.refresh();
    void queries.invalidateQueries({ predicate: ({ queryKey: [area] }) => area !== 'account' && area !== 'jobs' });
  };
  const actions = new Actions<VinylRecord>(list, {
    find: (view, offset, limit, signal) => patiently(() => findRecords(view, offset, limit, signal), signal, reading),
    get: (id, signal) => patiently(() => getRecord(id, signal), signal, reading),
    send: (operations, signal) => patiently(() => sendBatch(operations, signal), signal, writing),
    undo,
    changed,
  });
  return { user, list, actions };
}

let collection = make(null);

/** Nothing of one user is left for the next. */
export function currentCollection(): Collection {
  const user = currentSession().user?.id ?? null;
  if (user !== collection.user) {
    collection.list.close();
    undo.clear();
    collection = make(user);
  }
  return collection;
}

watchSession(currentCollection);

const renew = gathered(() => { if (collection.actions.work === null) collection.list.refresh(); }, PAUSE);
watchEvents((event) => { if (event.kind === 'changes') renew(); });
