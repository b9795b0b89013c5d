// SPDX-License-Identifier: MIT
// Saved views are there the next day, and nothing in the browser's storage can break the list.
import { describe, expect, it } from 'vitest';
import { readViews, withView, withoutView, writeViews, type Store } from './saved';

function memory(): Store & { readonly map: Map<string, string> } {
  const map = new Map<string, string>();
  return { map, getItem: (key) => map.get(key) ?? null, setItem: (key, value) => { map.set(key, value); } };
}

describe('saved views', () => {
  it('come back, to the user whose they are', () => {
    const store = memory();
    const views = withView([], { name: 'Jazz under ten', search: 'q=jazz&sort=price' });
    expect(writeViews(store, 'u1', views)).toBe(true);
    expect([readViews(store, 'u1'), readViews(store, 'u2')]).toEqual([views, []]);
  });

  it('replace those of the same name and can be dropped', () => {
    const views = withView(withView([], { name: 'Blue Note', search: 'a' }), { name: ' blue note ', search: 'b' });
    expect(views).toEqual([{ name: 'blue note', search: 'b' }]);
    expect(withoutView(views, 'blue note')).toEqual([]);
  });

  it('have a name and are bounded', () => {
    expect(withView([], { name: '  ', search: 'a' })).toEqual([]);
    let views: ReturnType<typeof withView> = [];
    for (let n = 0; n < 80; n += 1) views = withView(views, { name: `v${n}`, search: '' });
    expect(views).toHaveLength(50);
  });
});

it('what is broken in the storage is left out', () => {
  const store = memory();
  for (const broken of ['{', '{}', 'null', '[null, 3, {"name":""}, {"name":"x"}]']) {
    store.map.set('recordd.views.u', broken);
    expect(readViews(store, 'u')).toEqual([]);
  }
  const refuses: Store = { getItem: () => { throw new Error('no'); }, setItem: () => { throw new Error('full'); } };
  expect([readViews(refuses, 'u'), writeViews(refuses, 'u', [])]).toEqual([[], false]);
});
