// SPDX-License-Identifier: MIT
// The copy on the device must end up as the server has it, wherever reading was cut off.
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextLink, pageOf, ReadingBroke } from './changes';
import { Copy } from './copy';
import { deleteCopy, OfflineStore } from './store';

interface Row {
  version: number;
  deleted: boolean;
  name: string;
}

/** A server's side of `GET /api/records/changes`, as docs/contract.md has it. */
class Changes {
  rows = new Map<string, Row>();
  version = 0;
  horizon = 0;
  asked: string[] = [];
  failAt = -1;
  failWith: number | 'cut' = 503;

  put(id: string, name: string, deleted = false): void {
    this.rows.set(id, { version: ++this.version, deleted, name });
  }

  ask = async (address: string): Promise<Response> => {
    if (this.asked.push(address) - 1 === this.failAt) {
      if (this.failWith === 'cut') throw new TypeError('network');
      return new Response('', { status: this.failWith, headers: { 'retry-after': '1' } });
    }
    const params = new URL(address, 'https://x').searchParams;
    const since = Number(params.get('since'));
    const horizon = params.get('horizon');
    if (since && since < this.horizon && horizon !== String(this.horizon)) return new Response('', { status: 410 });
    const limit = 3;
    const all = [...this.rows].filter(([, row]) => row.version > since).sort((a, b) => a[1].version - b[1].version);
    const page = all.slice(0, limit).map(([id, row]) => ({
      version: row.version,
      id,
      deleted: row.deleted,
      record: row.deleted ? null : { id, artist: 'Can', name: row.name, format: 'LP' },
    }));
    const last = page.at(-1)?.version ?? since;
    const headers = new Headers({ 'x-change-version': String(all.length > limit ? last : this.version) });
    if (all.length > limit)
      headers.set(
        'link',
        `</api/records/changes?limit=${params.get('limit')}&since=${last}&horizon=${this.horizon}>; rel="next"`,
      );
    return new Response(JSON.stringify(page), { headers });
  };
}

const namesIn = (copy: Copy): string[] =>
  copy.shelf
    .search('can', 100)
    .records.map((record) => record.name)
    .sort();
const nothing = () => undefined;
let server: Changes;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  server = new Changes();
  for (let i = 0; i < 8; i++) server.put(`id-${i}`, `name ${i}`);
});

async function refreshed(user = 'me'): Promise<Copy> {
  const copy = await Copy.open(user);
  await copy.refresh(server.ask, nothing);
  return copy;
}

describe('the copy', () => {
  it('reads everything page by page and is there after a reload, without the server', async () => {
    const copy = await refreshed();
    expect(server.asked).toHaveLength(3);
    expect(copy.shelf.count).toBe(8);
    copy.close();
    const later = await Copy.open('me');
    expect(namesIn(later)).toHaveLength(8);
    expect(later.refreshedAt).not.toBeNull();
  });

  it('then asks only for what changed, deletions included', async () => {
    (await refreshed()).close();
    server.put('id-1', 'renamed');
    server.put('id-2', '', true);
    server.asked = [];
    const copy = await refreshed();
    expect(server.asked).toEqual(['/api/records/changes?since=8&limit=1000']);
    expect(namesIn(copy)).toEqual(['name 0', 'name 3', 'name 4', 'name 5', 'name 6', 'name 7', 'renamed']);
  });

  it.each(['cut', 503, 401] as const)('goes on where it was broken off by %s', async (how) => {
    server.failAt = 1;
    server.failWith = how;
    const copy = await Copy.open('me');
    await expect(copy.refresh(server.ask, nothing)).rejects.toBeInstanceOf(ReadingBroke);
    expect(copy.refreshedAt).toBeNull();
    copy.close();
    server.asked = [];
    server.failAt = -1;
    const later = await refreshed();
    expect(server.asked[0]).toContain('since=3&horizon=0');
    expect(later.shelf.count).toBe(8);
  });

  it('reads all again when the server no longer knows what changed since', async () => {
    (await refreshed()).close();
    server.rows.delete('id-0'); // purged: nobody tells of it any more
    server.put('id-9', 'new');
    server.horizon = 9;
    const copy = await refreshed();
    expect(namesIn(copy)).toEqual(['name 1', 'name 2', 'name 3', 'name 4', 'name 5', 'name 6', 'name 7', 'new']);
    copy.close();
    expect(namesIn(await Copy.open('me'))).toHaveLength(8);
  });

  it('is never shown to another user', async () => {
    (await refreshed('me')).close();
    const other = await Copy.open('you');
    expect(other.shelf.count).toBe(0);
    other.close();
    expect((await Copy.open('me')).shelf.count).toBe(0);
  });

  it('follows what another tab read, and wrote anew', async () => {
    const mine = await refreshed();
    const theirs = await Copy.open('me');
    server.put('id-1', 'renamed');
    await theirs.refresh(server.ask, nothing);
    await mine.follow();
    expect(namesIn(mine)).toContain('renamed');
    for (let i = 0; i < 230; i++) {
      server.put('id-2', `again ${i}`);
      await theirs.refresh(server.ask, nothing);
    }
    await mine.follow();
    expect(mine.shelf.count).toBe(8);
    expect(namesIn(mine)).toEqual(namesIn(theirs));
    expect(namesIn(mine)).toContain('again 229');
    const store = await OfflineStore.open();
    expect((await store.runs(0)).length).toBeLessThan(60);
  });

  it('is deleted though another tab has it open', async () => {
    const mine = await refreshed();
    await deleteCopy();
    await expect(mine.follow()).rejects.toThrow();
    expect((await Copy.open('me')).shelf.count).toBe(0);
  });

  it('does with memory when the disk cannot be used', async () => {
    globalThis.indexedDB = {
      open: () => {
        throw new DOMException('no', 'SecurityError');
      },
    } as unknown as IDBFactory;
    expect((await refreshed()).shelf.count).toBe(8);
  });
});

describe('links', () => {
  it('lead only to the same list', () => {
    expect(nextLink('</api/records/changes?since=3>; rel="next"')).toBe('/api/records/changes?since=3');
    expect(nextLink('</x>; rel="prev", </api/records/changes?since=3&horizon=0>; rel=next')).toBe(
      '/api/records/changes?since=3&horizon=0',
    );
    for (const link of [
      null,
      '',
      '<https://evil.example/api/records/changes?x>; rel="next"',
      '</api/records/changes?since=3>; rel="prev"',
    ])
      expect(nextLink(link)).toBeNull();
    expect(pageOf([], null, '12')).toEqual({ lines: [], removed: [], next: null, since: 12 });
  });
});
