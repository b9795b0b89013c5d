// SPDX-License-Identifier: MIT
// A collection to work with, brought in as imports are.
import { expect, type Account, type RealServer } from './test';

export const artistOf = (at: number): string => ['Nina Simone', 'Can', 'Fela Kuti', 'Alice Coltrane', 'Broadcast'][at % 5]!;

/** Record `at` of a collection: all that the list shows and filters by. */
function rowOf(at: number): string {
  const format = ['LP', '7""', 'CD'][at % 3]!;
  return `${artistOf(at)},Album ${String(at).padStart(5, '0')},"${format}",Label ${at % 7},CAT-${at},${1960 + (at % 50)},${['NM', 'VG+', 'G'][at % 3]!},${at % 4 ? (at % 90) + 0.5 : ''}`;
}

/** `n` records, "Album 00000" and so on; waits until they are in. */
export async function fill(server: RealServer, { token }: Account, n: number): Promise<void> {
  const body = ['artist,name,format,label,catalogNumber,releaseYear,recordGrade,pricePaid', ...Array.from({ length: n }, (_, at) => rowOf(at))].join('\n');
  const started = await server.ask('POST', '/api/records/import?format=recordd', { token, body, headers: { 'content-type': 'text/csv' } });
  expect(started.status).toBe(202);
  await expect.poll(async () => (await server.ask('GET', `/api/jobs/${started.body.id}`, { token })).body.status, { timeout: 60_000 }).toBe('done');
  const { headers } = await server.ask('GET', '/api/records?limit=1', { token });
  expect(headers['x-total-count']).toBe(String(n));
}
