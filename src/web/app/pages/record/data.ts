// SPDX-License-Identifier: MIT
// A record as the server has it: read, written, and remembered under its id.
import { useQuery } from '@tanstack/preact-query';
import { type Answer, call } from '../../api/client';
import { queries } from '../../api/queries';
import type { VinylRecord } from '../../api/types';
import { currentCollection } from '../records/collection';

/** A record with the tag that says which version it is. */
export interface Loaded {
  record: VinylRecord;
  etag: string | null;
}

const keyOf = (id: string) => ['record', id] as const;

const loadedOf = ({ body, headers }: Answer<VinylRecord>): Loaded => ({ record: body, etag: headers.get('etag') });

export async function readRecord(id: string, signal?: AbortSignal): Promise<Loaded> {
  return loadedOf(await call<VinylRecord>('GET', `/api/records/${id}`, { signal }));
}

export function useRecord(id: string) {
  return useQuery({ queryKey: keyOf(id), queryFn: ({ signal }) => readRecord(id, signal) });
}

export const knownRecord = (id: string): Loaded | undefined => queries.getQueryData<Loaded>(keyOf(id));

/** Takes over what the server answered; lists and charts look again when they are next seen. */
export function remember(loaded: Loaded): Loaded {
  queries.setQueryData(keyOf(loaded.record.id), loaded);
  collectionChanged();
  return loaded;
}

/** Shows a record as it will be. The answer takes that back, unless something newer has come meanwhile. */
export function pretend(id: string, record: VinylRecord): () => void {
  void queries.cancelQueries({ queryKey: keyOf(id) });
  const before = knownRecord(id);
  const shown: Loaded = { record, etag: before?.etag ?? null };
  queries.setQueryData(keyOf(id), shown);
  return () => {
    if (knownRecord(id) === shown) queries.setQueryData(keyOf(id), before);
  };
}

export function forget(id: string): void {
  queries.removeQueries({ queryKey: keyOf(id) });
  collectionChanged();
}

/** All but the single records: those are known. */
export function collectionChanged(): void {
  currentCollection().list.refresh();
  void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'record' });
}

const ifMatch = (etag: string | null): Record<string, string> => (etag ? { 'if-match': etag } : {});

export async function patchRecord(id: string, etag: string | null, patch: object): Promise<Loaded> {
  return remember(loadedOf(await call<VinylRecord>('PATCH', `/api/records/${id}`, { json: patch, headers: ifMatch(etag) })));
}

/** The key makes a second try after a lost answer harmless. */
export async function createRecord(fields: object, key: string): Promise<Loaded> {
  return remember(loadedOf(await call<VinylRecord>('POST', '/api/records', { json: fields, headers: { 'idempotency-key': key } })));
}

export async function deleteRecord(id: string): Promise<void> {
  await call('DELETE', `/api/records/${id}`);
  forget(id);
}

export async function restoreRecord(id: string): Promise<Loaded> {
  return remember(loadedOf(await call<VinylRecord>('POST', `/api/records/${id}/restore`, { json: {} })));
}

/** Where the list shows what has this in common. */
export const listOf = (field: string, value: string | number): string => `/records?${new URLSearchParams({ [field]: String(value) })}`;
