// SPDX-License-Identifier: MIT
// Many changes at once: in pieces that the server takes, with progress, and with what takes them back.

export type Values = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly op: 'update' | 'delete' | 'restore';
  readonly id: string;
  readonly set?: Values;
  readonly version?: number;
}

export interface Outcome<T> {
  readonly id: string;
  readonly status: number;
  readonly record?: T;
  /** The former values of the fields that changed. */
  readonly before?: Values;
  readonly error?: string;
}

export type SendBatch<T> = (operations: readonly Operation[], signal: AbortSignal) => Promise<readonly Outcome<T>[]>;

/** What the API takes at once. */
export const PIECE = 500;

export interface BatchResult<T> {
  readonly done: readonly Outcome<T>[];
  readonly refused: readonly Outcome<T>[];
  /** Operations that were not sent, or of which no answer came: cancelled, or the server was away. */
  readonly unsent: readonly Operation[];
  /** Why it ended early. */
  readonly error: unknown;
}

function isDone(outcome: { readonly status: number }): boolean {
  return outcome.status >= 200 && outcome.status < 300;
}

/** Sends the operations piece after piece. It never throws: what happened until then is in the result. */
export async function runBatch<T>(
  operations: readonly Operation[],
  send: SendBatch<T>,
  signal: AbortSignal,
  progress: (done: number, outcomes: readonly Outcome<T>[]) => void,
): Promise<BatchResult<T>> {
  const outcomes: Outcome<T>[] = [];
  let error: unknown = null;
  let at = 0;
  while (at < operations.length && !signal.aborted) {
    try {
      const piece = await send(operations.slice(at, at + PIECE), signal);
      outcomes.push(...piece);
      at = Math.min(operations.length, at + PIECE);
      progress(at, piece);
    } catch (thrown) {
      error = thrown;
      break;
    }
  }
  return {
    done: outcomes.filter(isDone),
    refused: outcomes.filter((outcome) => !isDone(outcome)),
    unsent: operations.slice(at),
    error,
  };
}

/** The operations that take back what was done; an update only if nobody has changed the record since. */
export function inverse<T extends { readonly version: number }>(op: Operation['op'], done: readonly Outcome<T>[]): Operation[] {
  if (op === 'delete') return done.map(({ id }) => ({ op: 'restore', id }));
  if (op === 'restore') return done.map(({ id }) => ({ op: 'delete', id }));
  return done.flatMap(({ id, before, record }): Operation[] => {
    if (before === undefined || Object.keys(before).length === 0) return [];
    return [{ op: 'update', id, set: before, ...(record === undefined ? {} : { version: record.version }) }];
  });
}
