// SPDX-License-Identifier: MIT
// What the list asks the server.
import { call, get } from '../../api/client';
import type { Facets, VinylRecord } from '../../api/types';
import type { Operation, Outcome } from './batch';
import type { Found } from './list';
import { facetQueryOf, queryOf, type View } from './view';

/** A header's value, which is percent-encoded where it is not ASCII. */
export function decoded(value: string | null): string | null {
  if (value === null) return null;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function totalOf(headers: Headers, offset: number, count: number): number {
  const told = headers.get('x-total-count');
  return told === null ? offset + count : Number(told);
}

export async function findRecords(view: View, offset: number, limit: number, signal: AbortSignal): Promise<Found<VinylRecord>> {
  const { path, params } = queryOf(view);
  params.set('limit', String(limit));
  if (offset > 0) params.set('offset', String(offset));
  const { body, headers } = await call<VinylRecord[]>('GET', `${path}?${params.toString()}`, { signal });
  return { items: body, total: totalOf(headers, offset, body.length), corrected: decoded(headers.get('x-search-corrected')) };
}

export const getRecord = (id: string, signal?: AbortSignal): Promise<VinylRecord> => get(`/api/records/${encodeURIComponent(id)}`, signal);

export async function sendBatch(operations: readonly Operation[], signal: AbortSignal): Promise<readonly Outcome<VinylRecord>[]> {
  const { body } = await call<{ results: Outcome<VinylRecord>[] }>('POST', '/api/records/batch', { json: { operations }, signal });
  return body.results;
}

/** Years and decades come as numbers; as filters all values are texts. */
export async function getFacets(view: View, signal?: AbortSignal): Promise<Partial<Facets>> {
  const facets = await get<Record<string, { value: string | number; count: number }[]>>(`/api/records/search/facets?${facetQueryOf(view).toString()}`, signal);
  return Object.fromEntries(Object.entries(facets).map(([name, counts]) => [name, counts.map(({ value, count }) => ({ value: String(value), count }))]));
}

export interface TrashedRecord extends VinylRecord { deletedAt: string }

export async function findTrash(offset: number, limit: number, signal?: AbortSignal): Promise<TrashedRecord[]> {
  return get(`/api/records/trash?limit=${limit}&offset=${offset}`, signal);
}
