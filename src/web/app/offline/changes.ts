// SPDX-License-Identifier: MIT
// Reading `GET /api/records/changes` page by page. What a page brought is handed over before the next one is asked for.
import { lineOf, type Change } from './kept';

export const PAGE = 1000;

/** A page: what it brought, and where the reading stands after it. */
export interface Page {
  lines: string[];
  removed: string[];
  next: string | null; // the address of the next page of the same reading
  since: number | null; // behind the last page: where the next reading begins
}

/** Why reading ended before its end. */
export class ReadingBroke extends Error {
  constructor(
    readonly status: number | undefined,
    readonly retryAfter: string | null,
  ) {
    super(`reading changes: ${status ?? 'no answer'}`);
  }
}

export function firstPage(since: number): string {
  return `/api/records/changes?since=${since}&limit=${PAGE}`;
}

/** The address of rel="next" in a Link field. Only a path on the same host is taken. */
export function nextLink(header: string | null): string | null {
  for (const part of (header ?? '').split(/,(?=\s*<)/)) {
    const [, address, rest] = /^\s*<([^>]*)>(.*)$/.exec(part) ?? [];
    if (address?.startsWith('/api/records/changes?') && /;\s*rel="?next"?\s*(;|$)/.test(rest ?? '')) return address;
  }
  return null;
}

export function pageOf(changes: Change[], link: string | null, version: string | null): Page {
  const next = nextLink(link);
  const lines: string[] = [];
  const removed: string[] = [];
  for (const change of changes)
    if (change.deleted || !change.record) removed.push(change.id);
    else lines.push(lineOf(change.record));
  return { lines, removed, next, since: next ? null : Number(version ?? 0) };
}

export type Ask = (address: string) => Promise<Response>;

export async function readPage(ask: Ask, address: string): Promise<Page> {
  let response: Response;
  try {
    response = await ask(address);
  } catch {
    throw new ReadingBroke(undefined, null);
  }
  if (!response.ok) throw new ReadingBroke(response.status, response.headers.get('retry-after'));
  let changes: Change[];
  try {
    changes = (await response.json()) as Change[];
  } catch {
    throw new ReadingBroke(undefined, null); // cut off in the middle
  }
  return pageOf(changes, response.headers.get('link'), response.headers.get('x-change-version'));
}
