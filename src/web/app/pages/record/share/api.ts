// SPDX-License-Identifier: MIT
// The links by which a record is shown to others.
import { useQuery } from '@tanstack/preact-query';
import { call, get } from '../../../api/client';
import { queries } from '../../../api/queries';

export interface Share {
  id: string;
  kind: 'record' | 'collection';
  recordId: string | null;
  title: string | null;
  showPrices: boolean;
  showNotes: boolean;
  token: string;
  url: string;
  views: number;
  createdAt: string;
  expiresAt: string | null;
}

const key = ['shares'];

const sharesChanged = (): Promise<void> => queries.invalidateQueries({ queryKey: key });

/** Those of one record, newest first. */
export function useShares(recordId: string) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => get<Share[]>('/api/shares', signal),
    select: (all) => all.filter((share) => share.recordId === recordId),
  });
}

export async function makeShare(recordId: string, shows: { showPrices: boolean; showNotes: boolean }): Promise<Share> {
  const { body } = await call<Share>('POST', '/api/shares', { json: { kind: 'record', recordId, ...shows } });
  await sharesChanged();
  return body;
}

/** Shown at once; what the server says afterwards stands. */
export async function changeShare(id: string, shows: { showPrices?: boolean; showNotes?: boolean }): Promise<void> {
  queries.setQueryData<Share[]>(key, (all) => all?.map((share) => (share.id === id ? { ...share, ...shows } : share)));
  await call('PATCH', `/api/shares/${id}`, { json: shows }).finally(sharesChanged);
}

export async function revokeShare(id: string): Promise<void> {
  await call('DELETE', `/api/shares/${id}`);
  await sharesChanged();
}

/** With this server's name in front. */
export const addressOf = ({ url }: Share): string => new URL(url, location.origin).href;
