// SPDX-License-Identifier: MIT
// What a link shows, as the server tells it to everybody who has the link.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/preact-query';
import { call, get } from '../../api/client';
import type { VinylRecord } from '../../api/types';

type Told = Omit<VinylRecord, 'userId' | 'version' | 'extra' | 'purchasedAt' | 'pricePaid' | 'notes'> & Partial<Pick<VinylRecord, 'pricePaid' | 'notes'>>;

export interface SharedThing {
  kind: 'record' | 'collection';
  title: string | null;
  showPrices: boolean;
  showNotes: boolean;
  count: number;
  record?: Told;
}

const PAGE = 60;
const base = (token: string): string => `/api/shared/${encodeURIComponent(token)}`;

/** With nothing in the place of what is not shown, so that it can be shown by what shows records. */
export function shownOf(told: Told): VinylRecord {
  return { ...told, userId: '', version: 0, extra: null, purchasedAt: null, pricePaid: told.pricePaid ?? null, notes: told.notes ?? null };
}

export const useShared = (token: string) =>
  useQuery({ queryKey: ['shared', token], queryFn: ({ signal }) => get<SharedThing>(base(token), signal), refetchOnWindowFocus: false });

export const useSharedRecord = (token: string, id: string) =>
  useQuery({ queryKey: ['shared', token, 'record', id], queryFn: ({ signal }) => get<Told>(`${base(token)}/records/${encodeURIComponent(id)}`, signal) });

interface Page { records: Told[]; total: number; next: number }

/** The records in pages, as far as they were asked for; while another query is under way, what was there before. */
export function useSharedRecords(token: string, q: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['shared', token, 'records', q],
    initialPageParam: 0,
    enabled,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const params = new URLSearchParams({ limit: String(PAGE), offset: String(pageParam), ...(q ? { q } : {}) });
      const { body, headers } = await call<Told[]>('GET', `${base(token)}/records?${params}`, { signal });
      const total = Number(headers.get('x-total-count') ?? body.length);
      return { records: body, total, next: pageParam + body.length };
    },
    getNextPageParam: ({ records, total, next }) => (records.length && next < total ? next : undefined),
  });
}
