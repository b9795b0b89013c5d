// SPDX-License-Identifier: MIT
// The list of the user who is signed in, its actions and its undo: one for all pages, so that going back finds it as it was.
import { watchEvents } from '../../api/events';
import { gathered } from '../../api/gather';
import { queries } from '../../api/queries';
import { currentSession, watchSession } from '../../api/session';
import type { VinylRecord } from '../../api/types';
import { Actions } from './actions';
import { RecordList } from './list';
import { delayOf, findRecords, getRecord, sendBatch } from './source';
import { UndoStack } from './undo';

/** How often at most others' changes have the list loaded anew. */
const PAUSE = 1000;

export interface Collection {
  readonly user: string | null;
  readonly list: RecordList<VinylRecord>;
  readonly actions: Actions<VinylRecord>;
}

/** What can be taken back, on whatever page it was done. */
export const undo = new UndoStack();

function make(user: string | null): Collection {
  const list = new RecordList<VinylRecord>(findRecords, { delay: delayOf });
  const changed = () => {
    list.refresh();
    void queries.invalidateQueries({ predicate: ({ queryKey: [area] }) => area !== 'account' && area !== 'jobs' });
  };
  const actions = new Actions<VinylRecord>(list, { find: findRecords, get: getRecord, send: sendBatch, undo, changed });
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
