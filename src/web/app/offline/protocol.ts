// SPDX-License-Identifier: MIT
// What a page and its offline worker say to each other.
import type { Found } from './shelf';
import type { KeptRecord } from './kept';

export type ToWorker =
  | { type: 'open'; user: string }
  | { type: 'refresh'; token: string }
  | { type: 'search'; id: number; query: string; limit: number }
  | { type: 'barcode'; id: number; code: string }
  | { type: 'close' };

/** Why the copy is not up to date, as far as that is not simply a matter of time. */
export type CopyTrouble = 'unreachable' | 'away' | 'refused' | 'full' | null;

export interface CopyState {
  ready: boolean; // what is on the disk has been read: searches answer
  refreshing: boolean;
  count: number;
  refreshedAt: number | null; // when it was last known to be complete
  trouble: CopyTrouble;
}

export type FromWorker =
  | { type: 'state'; state: CopyState }
  | { type: 'tokenNeeded' } // the one it had is not taken any more
  | { type: 'found'; id: number; found: Found }
  | { type: 'barcodes'; id: number; records: KeptRecord[] };
