// SPDX-License-Identifier: MIT
// The copy on this device, for components.
import { useEffect, useState } from 'preact/hooks';
import { useWatched } from '../base/watch';
import { copyState, findBarcode, searchCopy, watchCopy } from './client';
import type { KeptRecord } from './kept';

export const useCopy = () => useWatched(watchCopy, copyState);

export interface Answer {
  query: string;
  records: KeptRecord[];
  total: number;
  byBarcode: boolean; // the query is the barcode of what was found
}

const LIMIT = 50;
const isBarcode = (query: string): boolean => /^[\d\s-]{8,20}$/.test(query.trim());

async function answerTo(query: string): Promise<Answer> {
  const scanned = isBarcode(query) ? await findBarcode(query) : [];
  if (scanned.length) return { query, records: scanned, total: scanned.length, byBarcode: true };
  return { query, ...(await searchCopy(query, LIMIT)), byBarcode: false };
}

/** What the copy has for the query; while the next answer is under way, the one before. Asked again when the copy grew. */
export function useOwned(query: string): Answer | null {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const { ready, count, refreshedAt } = useCopy();
  useEffect(() => {
    if (!query.trim()) return setAnswer(null);
    let wanted = true;
    void answerTo(query).then((next) => { if (wanted) setAnswer(next); }, () => undefined);
    return () => { wanted = false; };
  }, [query, ready, count, refreshedAt]);
  return answer;
}
