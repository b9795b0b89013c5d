// SPDX-License-Identifier: MIT
// Taking everything out: what runs, and how far it is.
import { download } from './save';

export type ExportKind = 'csv' | 'json';

export interface Exporting {
  readonly kind: ExportKind | null;
  readonly bytes: number;
  readonly ended: 'saved' | 'failed' | null;
}

let now: Exporting = { kind: null, bytes: 0, ended: null };
let cancelling: AbortController | null = null;
const watchers = new Set<() => void>();

export const currentExport = (): Exporting => now;

export function watchExport(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => { watchers.delete(watcher); };
}

function become(next: Exporting): void {
  now = next;
  for (const watcher of watchers) watcher();
}

const types: Record<ExportKind, string> = { csv: 'text/csv', json: 'application/json' };

/** "recordd-2026-01-31.csv" */
export const exportName = (kind: ExportKind, day: Date): string => `recordd-${day.toISOString().slice(0, 10)}.${kind}`;

export async function startExport(kind: ExportKind): Promise<void> {
  if (now.kind) return;
  const own = (cancelling = new AbortController());
  become({ kind, bytes: 0, ended: null });
  try {
    const ended = await download({
      path: `/api/records/export.${kind}`,
      name: exportName(kind, new Date()),
      type: types[kind],
      received: (bytes) => become({ kind, bytes, ended: null }),
      signal: own.signal,
    });
    become({ kind: null, bytes: 0, ended: ended === 'saved' ? 'saved' : null });
  } catch {
    become({ kind: null, bytes: 0, ended: own.signal.aborted ? null : 'failed' });
  } finally {
    cancelling = null;
  }
}

export const cancelExport = (): void => cancelling?.abort();
