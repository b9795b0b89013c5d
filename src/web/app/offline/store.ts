// SPDX-License-Identifier: MIT
// The copy on the device's disk: runs of lines as they came, and how far the reading is; each step is one transaction.

export const DATABASE = 'recordd-offline';

/** How far the copy is. */
export interface Progress {
  user: string;
  since: number; // change version up to which everything was read
  next: string | null; // where a reading that was interrupted goes on
  refreshedAt: number | null; // when the last whole reading ended
  generation: number; // grows when the runs were written anew, so that other tabs read all again
}

/** What one page of changes brought. */
export interface StoredRun {
  lines: string; // joined by line feeds; empty for none
  removed: string[];
}

export function progressOf(user: string): Progress {
  return { user, since: 0, next: null, refreshedAt: null, generation: 0 };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
  });
}

export class OfflineStore {
  private constructor(private readonly db: IDBDatabase) {}

  static async open(): Promise<OfflineStore> {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('progress');
      request.result.createObjectStore('runs', { autoIncrement: true });
    };
    const db = await done(request);
    // Somebody signs out in another tab: what is open would hold up the deletion.
    db.onversionchange = () => db.close();
    return new OfflineStore(db);
  }

  close(): void {
    this.db.close();
  }

  async progress(): Promise<Progress | undefined> {
    return done(this.db.transaction('progress').objectStore('progress').get('copy')) as Promise<Progress | undefined>;
  }

  /** The runs behind `after`, in their order, each with its key. */
  async runs(after: number): Promise<{ key: number; run: StoredRun }[]> {
    const store = this.db.transaction('runs').objectStore('runs');
    const range = IDBKeyRange.lowerBound(after, true);
    const [keys, runs] = await Promise.all([done(store.getAllKeys(range)), done(store.getAll(range) as IDBRequest<StoredRun[]>)]);
    return runs.map((run, i) => ({ key: keys[i] as number, run }));
  }

  /** Takes one more run, and the progress with it; its key. */
  async append(run: StoredRun | undefined, progress: Progress): Promise<number | undefined> {
    const transaction = this.db.transaction(['runs', 'progress'], 'readwrite');
    const end = completed(transaction);
    transaction.objectStore('progress').put(progress, 'copy');
    const added = run && transaction.objectStore('runs').add(run);
    await end;
    return added && (added.result as number);
  }

  /** Puts these runs in the place of all; the last one's key. */
  async replace(runs: StoredRun[], progress: Progress): Promise<number> {
    const transaction = this.db.transaction(['runs', 'progress'], 'readwrite');
    const end = completed(transaction);
    const store = transaction.objectStore('runs');
    store.clear();
    let last = 0;
    for (const run of runs)
      store.add(run).onsuccess = (event) => {
        last = (event.target as IDBRequest<number>).result;
      };
    transaction.objectStore('progress').put(progress, 'copy');
    await end;
    return last;
  }
}

/** Deletes the copy. Ends when it is gone, or others hold it up: then it goes when they let go. */
export function deleteCopy(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof indexedDB === 'undefined') return resolve();
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}
