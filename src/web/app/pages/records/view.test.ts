// SPDX-License-Identifier: MIT
// A view survives the way through the address, whatever is in it.
import { describe, expect, it } from 'vitest';
import { EMPTY_VIEW, clearFilters, facetQueryOf, filterCount, formatView, isNarrowed, nextSort, parseView, queryKey, queryOf, toggleFilter, withQuery } from './view';

describe('a view in the address', () => {
  it('comes back as it was', () => {
    let view = withQuery(EMPTY_VIEW, 'björk & "homogenic" #1?');
    view = toggleFilter(toggleFilter(toggleFilter(view, 'format', 'LP'), 'format', '12" & more'), 'label', 'One Little Indian');
    view = { ...view, exact: true, sort: '-price', layout: 'table' };
    expect(parseView(formatView(view))).toEqual(view);
  });

  it('is empty for the usual view', () => {
    expect(formatView(EMPTY_VIEW)).toBe('');
    expect(parseView('')).toEqual(EMPTY_VIEW);
  });

  it('leaves out what is not understood', () => {
    const view = parseView('?sort=password&view=cloud&format=&year=1999&year=1999&admin=1');
    expect(view).toEqual({ ...EMPTY_VIEW, filters: { ...EMPTY_VIEW.filters, year: ['1999'] } });
  });

  it('is bounded', () => {
    const many = Array.from({ length: 500 }, (_, n) => `artist=${n}`).join('&');
    const view = parseView(`q=${'x'.repeat(5000)}&label=${'y'.repeat(300)}&${many}`);
    expect([view.q.length, view.filters.label.length, view.filters.artist.length]).toEqual([200, 0, 20]);
  });

  it('takes the look that was used last when it names none', () => {
    expect(parseView('q=a', 'table').layout).toBe('table');
    expect(parseView('q=a&view=grid', 'table').layout).toBe('grid');
  });
});

describe('what the API is asked', () => {
  it('is a search when there is a query, best match first', () => {
    const { path, params } = queryOf(withQuery(EMPTY_VIEW, '  blue  '));
    expect([path, params.toString()]).toEqual(['/api/records/search', 'q=blue']);
  });

  it('is the latest additions when there is none', () => {
    const { path, params } = queryOf(EMPTY_VIEW);
    expect([path, params.toString()]).toEqual(['/api/records', 'sort=-createdAt']);
  });

  it('refuses corrections only when told to', () => {
    expect(queryOf({ ...withQuery(EMPTY_VIEW, 'beetles'), exact: true }).params.get('fuzzy')).toBe('0');
    expect(withQuery({ ...EMPTY_VIEW, q: 'beetles', exact: true }, 'beetles x').exact).toBe(false);
  });

  it('does not depend on the look', () => {
    expect(queryKey({ ...EMPTY_VIEW, layout: 'table' })).toBe(queryKey(EMPTY_VIEW));
    expect(queryKey(toggleFilter(EMPTY_VIEW, 'decade', '1970'))).not.toBe(queryKey(EMPTY_VIEW));
  });

  it('counts facets without an order', () => {
    expect(facetQueryOf(toggleFilter({ ...EMPTY_VIEW, sort: 'artist' }, 'grade', 'NM')).toString()).toBe('grade=NM');
  });
});

describe('filters', () => {
  it('go on and off', () => {
    const on = toggleFilter(EMPTY_VIEW, 'grade', 'VG+');
    expect([filterCount(on), isNarrowed(on), filterCount(toggleFilter(on, 'grade', 'VG+'))]).toEqual([1, true, 0]);
    expect(isNarrowed(clearFilters(on))).toBe(false);
  });

  it('leave a blank query un-narrowed', () => {
    expect(isNarrowed(withQuery(EMPTY_VIEW, '   '))).toBe(false);
  });
});

it('a column sorts one way, the other way, then not', () => {
  const first = nextSort('', 'artist', '-artist');
  const second = nextSort(first, 'artist', '-artist');
  expect([first, second, nextSort(second, 'artist', '-artist')]).toEqual(['artist', '-artist', '']);
});
