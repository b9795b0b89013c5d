// SPDX-License-Identifier: MIT
// Long work that the server does for us: imports and their undoing.
import { call, get } from './client';

export type JobStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

interface CommonJob {
  id: string;
  status: JobStatus;
  /** An import that can be undone still. */
  undoable: boolean;
  /** The job that undoes it. */
  undoneBy: string | null;
  error: string | null;
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
}

export interface ImportJob extends CommonJob {
  kind: 'import';
  dryRun: boolean;
  format: string | null;
  onDuplicate: string | null;
  position: number;
  rows: number;
  added: number;
  merged: number;
  skipped: number;
  failed: number;
  bytesDone: number;
  bytesTotal: number;
}

export interface UndoJob extends CommonJob {
  kind: 'undo';
  importId: string;
  /** Records to be looked at, and how many have been. */
  total: number;
  done: number;
  result: { removed: number; restored: number; kept: number };
}

export type Job = ImportJob | UndoJob;

export const isOver = (job: Job): boolean => job.status === 'done' || job.status === 'failed' || job.status === 'cancelled';

/** How much is done of how much: bytes of an import, records of an undo. */
export const doneOf = (job: Job): readonly [done: number, total: number] => (job.kind === 'undo' ? [job.done, job.total] : [job.bytesDone, job.bytesTotal]);
/** What it counts: rows of an import, records of an undo. */
export const countedOf = (job: Job): number => (job.kind === 'undo' ? job.done : job.rows);

/** Of two tellings of the same job the later one: events and answers may overtake each other. */
export function laterOf(one: Job | undefined, other: Job): Job {
  if (!one || one.id !== other.id) return other;
  if (isOver(one) && !isOver(other)) return one;
  if (!isOver(one) && isOver(other)) return other;
  if (one.updatedAt !== other.updatedAt) return one.updatedAt > other.updatedAt ? one : other;
  return doneOf(one)[0] > doneOf(other)[0] ? one : other;
}

/** The list with what is newest of one of them. */
export const listedAs = (list: Job[] | undefined, job: Job): Job[] | undefined => list?.map((one) => laterOf(one.id === job.id ? job : undefined, one));

export const jobsKey = ['jobs'] as const;
export const jobKey = (id: string) => ['jobs', id] as const;

const pathOf = (id: string): string => `/api/jobs/${encodeURIComponent(id)}`;

export const getJob = (id: string, signal?: AbortSignal): Promise<Job> => get<Job>(pathOf(id), signal);
export const listJobs = (signal?: AbortSignal): Promise<Job[]> => get<Job[]>('/api/jobs', signal);
export const cancelJob = (id: string): Promise<Job> => call<Job>('DELETE', pathOf(id)).then((answer) => answer.body);
export const undoJob = (id: string): Promise<Job> => call<Job>('POST', `${pathOf(id)}/undo`).then((answer) => answer.body);
export const reportPathOf = (id: string): string => `${pathOf(id)}/report.csv`;
