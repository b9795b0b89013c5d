// SPDX-License-Identifier: MIT
// The copy of the collection: the shelf in memory, the runs on the disk, and bringing both up to date.
import { firstPage, PAGE, ReadingBroke, readPage, type Ask, type Page } from './changes';
import { Shelf } from './shelf';
import { OfflineStore, progressOf, type Progress, type StoredRun } from './store';

const ROWS_OF_A_RUN = 2000;
const RUNS_AT_MOST = 200;

function runsOf(shelf: Shelf): StoredRun[] {
  const runs: StoredRun[] = [];
  let lines: string[] = [];
  for (const line of shelf.lines()) {
    lines.push(line);
    if (lines.length === ROWS_OF_A_RUN) {
      runs.push({ lines: lines.join('\n'), removed: [] });
      lines = [];
    }
  }
  if (lines.length) runs.push({ lines: lines.join('\n'), removed: [] });
  return runs;
}

export class Copy {
  readonly shelf = new Shelf();
  private progress: Progress;
  private lastKey = 0;
  private nRuns = 0;
  /** The disk takes no more: from now on only memory is kept up to date. */
  full = false;

  private constructor(
    private readonly store: OfflineStore | undefined,
    user: string,
  ) {
    this.progress = progressOf(user);
  }

  /** What is on the disk of this user. Another's is dropped. Without a disk that can be used, memory has to do. */
  static async open(user: string): Promise<Copy> {
    const store = await OfflineStore.open().catch(() => undefined);
    const copy = new Copy(store, user);
    const progress = await store?.progress();
    if (progress && progress.user === user) {
      copy.progress = progress;
      await copy.readRuns();
    } else if (progress) {
      copy.lastKey = (await store?.replace([], copy.progress)) ?? 0;
    }
    return copy;
  }

  get refreshedAt(): number | null {
    return this.progress.refreshedAt;
  }

  close(): void {
    this.store?.close();
  }

  /** Another tab read changes: takes over what it wrote. */
  async follow(): Promise<void> {
    const progress = await this.store?.progress();
    if (!progress || progress.user !== this.progress.user) return;
    if (progress.generation !== this.progress.generation) this.forget();
    this.progress = progress;
    await this.readRuns();
  }

  /** Reads what changed up to the present. `onPage` is told after each page. Throws ReadingBroke. */
  async refresh(ask: Ask, onPage: () => void): Promise<void> {
    let address: string | null = this.progress.next ?? firstPage(this.progress.since);
    while (address) {
      try {
        const page: Page = await readPage(ask, address);
        await this.take(page);
        address = page.next;
      } catch (error) {
        if (!(error instanceof ReadingBroke) || error.status !== 410) throw error;
        await this.startAgain();
        address = firstPage(0);
      }
      onPage();
    }
    await this.tidy();
  }

  private forget(): void {
    this.shelf.clear();
    this.lastKey = 0;
    this.nRuns = 0;
  }

  private async readRuns(): Promise<void> {
    for (const { key, run } of (await this.store?.runs(this.lastKey)) ?? []) {
      this.shelf.add(run.lines ? run.lines.split('\n') : []);
      run.removed.forEach((id) => this.shelf.remove(id));
      this.lastKey = key;
      this.nRuns++;
    }
  }

  private async take(page: Page): Promise<void> {
    const run = page.lines.length || page.removed.length ? { lines: page.lines.join('\n'), removed: page.removed } : undefined;
    this.shelf.add(page.lines);
    page.removed.forEach((id) => this.shelf.remove(id));
    this.progress = page.next
      ? { ...this.progress, next: page.next }
      : { ...this.progress, next: null, since: page.since ?? this.progress.since, refreshedAt: Date.now() };
    const key = await this.write((store) => store.append(run, this.progress));
    if (key) {
      this.lastKey = key;
      this.nRuns++;
    }
  }

  /** The server no longer knows what changed since: everything is read again. */
  private async startAgain(): Promise<void> {
    this.forget();
    this.progress = { ...progressOf(this.progress.user), generation: this.progress.generation + 1 };
    await this.write((store) => store.replace([], this.progress));
  }

  /** Writes the runs anew when many are small, or much in them is out of date. */
  private async tidy(): Promise<void> {
    if (this.nRuns <= RUNS_AT_MOST && this.shelf.waste <= PAGE + this.shelf.count / 4) return;
    const runs = runsOf(this.shelf);
    this.progress = { ...this.progress, generation: this.progress.generation + 1 };
    const key = await this.write((store) => store.replace(runs, this.progress));
    this.forget();
    for (const run of runs) this.shelf.add(run.lines.split('\n'));
    this.lastKey = key ?? 0;
    this.nRuns = runs.length;
  }

  private async write<T>(work: (store: OfflineStore) => Promise<T>): Promise<T | undefined> {
    if (!this.store || this.full) return undefined;
    try {
      return await work(this.store);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') {
        this.full = true;
        return undefined;
      }
      throw error;
    }
  }
}
