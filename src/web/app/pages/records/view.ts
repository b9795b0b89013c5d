// SPDX-License-Identifier: MIT
// What the list shows: query, filters, order and look; as an address, and as parameters of the API.

/** The fields that a list can be narrowed by. */
export const FILTERS = ['format', 'label', 'artist', 'grade', 'decade', 'year', 'barcode'] as const;
export type Filter = (typeof FILTERS)[number];

/** '' is the order that suits: best match while searching, else the latest additions first. */
export const SORTS = [
  '', '-createdAt', 'createdAt', '-updatedAt', 'artist', '-artist', 'name', '-name', '-year', 'year', '-price', 'price', 'grade', '-grade',
] as const;
export type Sort = (typeof SORTS)[number];

export type Layout = 'grid' | 'table';
export type Filters = Readonly<Record<Filter, readonly string[]>>;

export interface View {
  readonly q: string;
  /** Search for exactly what was typed, without correcting it. */
  readonly exact: boolean;
  readonly sort: Sort;
  readonly layout: Layout;
  readonly filters: Filters;
}

const MAX_QUERY = 200;
const MAX_VALUES = 20;
const MAX_VALUE = 256;
const NO_FILTERS: Filters = { format: [], label: [], artist: [], grade: [], decade: [], year: [], barcode: [] };

export const EMPTY_VIEW: View = { q: '', exact: false, sort: '', layout: 'grid', filters: NO_FILTERS };

function isSort(text: string | null): text is Sort {
  return text !== null && (SORTS as readonly string[]).includes(text);
}

function valuesOf(params: URLSearchParams, filter: Filter): string[] {
  const given = params.getAll(filter).filter((value) => value !== '' && value.length <= MAX_VALUE);
  return [...new Set(given)].slice(0, MAX_VALUES);
}

/** Reads the part of an address behind the question mark; what is not understood is left out. */
export function parseView(search: string, layout: Layout = 'grid'): View {
  const params = new URLSearchParams(search);
  const sort = params.get('sort');
  const look = params.get('view');
  const filters = Object.fromEntries(FILTERS.map((filter) => [filter, valuesOf(params, filter)])) as unknown as Filters;
  return {
    q: (params.get('q') ?? '').slice(0, MAX_QUERY),
    exact: params.get('exact') === '1',
    sort: isSort(sort) ? sort : '',
    layout: look === 'table' || look === 'grid' ? look : layout,
    filters,
  };
}

function appendFilters(params: URLSearchParams, filters: Filters): void {
  for (const filter of FILTERS) for (const value of filters[filter]) params.append(filter, value);
}

/** The address of a view; what is as usual is not in it, so that equal views have equal addresses. */
export function formatView(view: View): string {
  const params = new URLSearchParams();
  if (view.q.trim() !== '') params.set('q', view.q);
  if (view.exact && view.q.trim() !== '') params.set('exact', '1');
  appendFilters(params, view.filters);
  if (view.sort !== '') params.set('sort', view.sort);
  if (view.layout === 'table') params.set('view', 'table');
  return params.toString();
}

/** What the API is asked for, without limit and offset. Views that differ in their look only ask the same. */
export function queryOf(view: View): { path: string; params: URLSearchParams } {
  const params = new URLSearchParams();
  const q = view.q.trim();
  if (q !== '') {
    params.set('q', q);
    if (view.exact) params.set('fuzzy', '0');
  }
  appendFilters(params, view.filters);
  if (view.sort !== '') params.set('sort', view.sort);
  else if (q === '') params.set('sort', '-createdAt');
  return { path: q === '' ? '/api/records' : '/api/records/search', params };
}

/** The parameters of the facets: those of the list, without its order. */
export function facetQueryOf(view: View): URLSearchParams {
  const { params } = queryOf(view);
  params.delete('sort');
  return params;
}

export function queryKey(view: View): string {
  const { path, params } = queryOf(view);
  return `${path}?${params.toString()}`;
}

export function filterCount(view: View): number {
  return FILTERS.reduce((sum, filter) => sum + view.filters[filter].length, 0);
}

/** Whether anything narrows the collection. */
export function isNarrowed(view: View): boolean {
  return view.q.trim() !== '' || filterCount(view) > 0;
}

export function toggleFilter(view: View, filter: Filter, value: string): View {
  const now = view.filters[filter];
  const next = now.includes(value) ? now.filter((each) => each !== value) : [...now, value].slice(-MAX_VALUES);
  return { ...view, filters: { ...view.filters, [filter]: next } };
}

export function clearFilters(view: View): View {
  return { ...view, filters: NO_FILTERS };
}

/** Another query: a correction that was refused belonged to the former one. */
export function withQuery(view: View, q: string): View {
  return { ...view, q: q.slice(0, MAX_QUERY), exact: false };
}

/** What a click on a column's head does: its usual direction first, then the other, then the usual order. */
export function nextSort(now: Sort, first: Sort, second: Sort): Sort {
  if (now === first) return second;
  return now === second ? '' : first;
}
