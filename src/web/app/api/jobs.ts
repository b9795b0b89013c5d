// SPDX-License-Identifier: MIT
// Long work that the server does for us: imports and their undoing.
import { call, get } from './client';

export type JobStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  kind: string;
  status: JobStatus;
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
  error: string | null;
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
  /** What an undo did. */
  result?: { removed: number; restored: number; kept: number } | null;
}

export const isOver = (job: Job): boolean => job.status === 'done' || job.status === 'failed' || job.status === 'cancelled';

/** Of two tellings of the same job the later one: events and answers may overtake each other. */
export function laterOf(one: Job | undefined, other: Job): Job {
  if (!one || one.id !== other.id) return other;
  if (isOver(one) !== isOver(other)) return isOver(one) ? one : other;
  if (one.updatedAt !== other.updatedAt) return one.updatedAt > other.updatedAt ? one : other;
  return one.bytesDone > other.bytesDone ? one : other;
}

export const jobKey = (id: string) => ['jobs', id] as const;
export const jobsKey = ['jobs'] as const;

export const getJob = (id: string, signal?: AbortSignal): Promise<Job> => get<Job>(`/api/jobs/${encodeURIComponent(id)}`, signal);
export const listJobs = (signal?: AbortSignal): Promise<Job[]> => get<Job[]>('/api/jobs', signal);
export const cancelJob = (id: string): Promise<Job> => call<Job>('DELETE', `/api/jobs/${encodeURIComponent(id)}`).then((answer) => answer.body);
export const undoJob = (id: string): Promise<Job> => call<Job>('POST', `/api/jobs/${encodeURIComponent(id)}/undo`).then((answer) => answer.body);
