// SPDX-License-Identifier: MIT
// Drafts: nothing typed is lost, nothing is shown to another user, and old ones make room.
import { expect, test } from 'vitest';
import { Drafts } from './draft';
import { forgetDrafts } from './forget-drafts';

class Memory {
  private readonly items = new Map<string, string>();
  constructor(private readonly room = Infinity) {}
  get length(): number {
    return this.items.size;
  }
  key(i: number): string | null {
    return [...this.items.keys()][i] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    const used = [...this.items].reduce((sum, [k, v]) => sum + (k === key ? 0 : v.length), 0);
    if (used + value.length > this.room) throw new Error('full');
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

const draft = (name: string, at = 1000) => ({ form: { name }, base: null, etag: null, at });

test('a draft comes back, for its user and record only', () => {
  const store = new Memory();
  new Drafts<{ name: string }>('ann', 1, store).write('new', draft('Tago Mago'));
  expect(new Drafts('ann', 1, store).read('new', 1000)).toEqual(draft('Tago Mago'));
  expect(new Drafts('ann', 1, store).read('other', 1000)).toBeNull();
  expect(new Drafts('bob', 1, store).read('new', 1000)).toBeNull();
});

test('a draft of another shape, a broken one and an old one are none', () => {
  const store = new Memory();
  new Drafts('ann', 1, store).write('new', draft('x'));
  expect(new Drafts('ann', 2, store).read('new', 1000)).toBeNull();
  expect(new Drafts('ann', 1, store).read('new', 1000 + 31 * 86_400_000)).toBeNull();
  store.setItem('recordd.draft.ann.broken', '{');
  expect(new Drafts('ann', 1, store).read('broken', 1000)).toBeNull();
});

test('a full store gives up the oldest drafts, then says so', () => {
  const store = new Memory(300);
  const drafts = new Drafts<{ name: string }>('ann', 1, store);
  for (let i = 0; i < 10; i++) expect(drafts.write(String(i), draft('x'.repeat(40), i + 1))).toBe(true);
  expect(drafts.read('9', 10)?.form.name).toHaveLength(40);
  expect(drafts.read('0', 10)).toBeNull();
  expect(drafts.write('huge', draft('x'.repeat(400)))).toBe(false);
});

test('no more than twenty are kept, the newest', () => {
  const store = new Memory();
  const drafts = new Drafts<{ name: string }>('ann', 1, store);
  for (let i = 0; i < 25; i++) drafts.write(String(i), draft('x', i + 1));
  expect(store.length).toBe(20);
  expect(drafts.read('4', 100)).toBeNull();
  expect(drafts.read('24', 100)).not.toBeNull();
});

test('signing out forgets every draft and nothing else', () => {
  const store = new Memory();
  store.setItem('theme', 'dark');
  new Drafts('ann', 1, store).write('new', draft('x'));
  forgetDrafts(store);
  expect(store.length).toBe(1);
});

test('a store that is forbidden makes no trouble', () => {
  const forbidden = new Proxy(new Memory(), { get: () => { throw new Error('denied'); } });
  const drafts = new Drafts('ann', 1, forbidden);
  expect(drafts.read('new')).toBeNull();
  drafts.drop('new');
});
