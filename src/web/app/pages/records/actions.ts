// SPDX-License-Identifier: MIT
// Deleting, restoring and changing many records: shown at once, sent in pieces, taken back on failure or on demand.
import { inverse, runBatch, type BatchResult, type Operation, type SendBatch } from './batch';
import { operationsOf, setOf, type Changeable, type Changes } from './bulk';
import { gather, gatherIds, type Sources } from './gather';
import type { RecordList } from './list';
import { NOTHING, type Selection } from './selection';
import type { UndoStack } from './undo';

/** What is under way, to be shown when it takes long. */
export interface Work {
  readonly phase: 'collect' | 'apply';
  readonly done: number;
  readonly total: number;
  readonly cancel: () => void;
}

/** What came of it. */
export interface Result {
  readonly done: number;
  readonly refused: number;
  readonly unsent: number;
  readonly error: unknown;
  /** What the server said of the first that was refused. */
  readonly reason: string | undefined;
}

/** What an undo is called, by the number of records that it is about. */
export type Message = (count: number) => string;

interface Deps<T extends Changeable> extends Sources<T> {
  readonly send: SendBatch<T>;
  readonly undo: UndoStack;
  /** The collection has changed. */
  readonly changed: () => void;
}

/** How a task tells how far it is, and learns that it is cancelled. */
interface Control {
  readonly signal: AbortSignal;
  readonly collected: (done: number, total: number) => void;
  readonly applied: (done: number, total: number) => void;
}

type Task<T> = (control: Control) => Promise<BatchResult<T>>;

export class Actions<T extends Changeable> {
  work: Work | null = null;

  private listeners = new Set<() => void>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly list: RecordList<T>, private readonly deps: Deps<T>) {}

  /** Puts what is selected into the trash. */
  remove(selection: Selection, message: Message): Promise<Result> {
    const { view, shown } = this.list;
    return this.enqueue(async (control) => {
      const ids = await gatherIds(selection, view, this.deps, control.signal, control.collected);
      const settle = shown?.pages.remove(new Set(ids));
      this.list.select(NOTHING);
      const result = await this.send(ids.map((id): Operation => ({ op: 'delete', id })), control);
      settle?.(result.done.length > 0);
      this.remember('delete', result, message);
      return result;
    });
  }

  /** Changes what is selected. */
  change(selection: Selection, changes: Changes, message: Message): Promise<Result> {
    const { view, shown } = this.list;
    return this.enqueue(async (control) => {
      const records = await gather(selection, view, shown?.pages, this.deps, control.signal, control.collected);
      shown?.pages.patch(new Map(records.map((record) => [record.id, setOf(changes, record) as Partial<T>])));
      const result = await this.send(operationsOf(changes, records), control);
      const stored = new Map([...result.done, ...result.refused].map(({ id, record }) => [id, record]));
      shown?.pages.settle(new Map(records.map(({ id }) => [id, stored.get(id) ?? null])));
      this.remember('update', result, message);
      return result;
    });
  }

  /** Takes records out of the trash. */
  restore(ids: readonly string[], message: Message): Promise<Result> {
    return this.enqueue(async (control) => {
      const result = await this.send(ids.map((id): Operation => ({ op: 'restore', id })), control);
      this.remember('restore', result, message);
      return result;
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  /** One after the other: a later one may be about what an earlier one does. */
  private enqueue(task: Task<T>): Promise<Result> {
    const turn = this.queue.then(() => this.perform(task));
    this.queue = turn;
    return turn;
  }

  private async perform(task: Task<T>): Promise<Result> {
    const controller = new AbortController();
    const cancel = () => { controller.abort(); };
    try {
      const { done, refused, unsent, error } = await task({
        signal: controller.signal,
        collected: (count, total) => { this.tell({ phase: 'collect', done: count, total, cancel }); },
        applied: (count, total) => { this.tell({ phase: 'apply', done: count, total, cancel }); },
      });
      if (done.length > 0) this.deps.changed();
      return { done: done.length, refused: refused.length, unsent: unsent.length, error: controller.signal.aborted ? null : error, reason: refused[0]?.error };
    } catch (error) {
      return { done: 0, refused: 0, unsent: 0, error: controller.signal.aborted ? null : error, reason: undefined };
    } finally {
      this.tell(null);
    }
  }

  private send(operations: readonly Operation[], control: Control): Promise<BatchResult<T>> {
    control.applied(0, operations.length);
    return runBatch<T>(operations, this.deps.send, control.signal, (done) => { control.applied(done, operations.length); });
  }

  private remember(op: Operation['op'], result: BatchResult<T>, message: Message): void {
    const back = inverse(op, result.done);
    if (back.length > 0) this.deps.undo.push(message(result.done.length), this.takingBack(back));
  }

  /** What could not be sent is kept for another try; what the server refused is not. */
  private takingBack(operations: readonly Operation[]): () => Promise<number> {
    let left = operations;
    return async () => {
      let refused = 0;
      const { error } = await this.enqueue(async (control) => {
        const result = await this.send(left, control);
        left = result.unsent;
        refused = result.refused.length;
        return result;
      });
      if (left.length > 0) throw error ?? new DOMException('cancelled', 'AbortError');
      return refused;
    };
  }

  private tell(work: Work | null): void {
    this.work = work;
    for (const listener of this.listeners) listener();
  }
}
