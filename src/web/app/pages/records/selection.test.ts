// SPDX-License-Identifier: MIT
// Nothing is changed or deleted that was not selected.
import { describe, expect, it } from 'vitest';
import { NOTHING, extend, isEmpty, isSelected, rangeTo, selectAll, selectedCount, toggle, without } from './selection';

describe('some records', () => {
  it('are selected and not, one by one', () => {
    const two = toggle(toggle(NOTHING, 'a', 0), 'b', 5);
    expect([isSelected(two, 'a'), isSelected(two, 'c'), selectedCount(two, 100)]).toEqual([true, false, 2]);
    expect(isEmpty(toggle(toggle(two, 'a', 0), 'b', 5))).toBe(true);
  });

  it('are selected as a range from the last one, either way', () => {
    const from = toggle(NOTHING, 'e', 4);
    expect(rangeTo(from, 7)).toEqual({ first: 4, last: 7 });
    expect(rangeTo(from, 1)).toEqual({ first: 1, last: 4 });
    expect(rangeTo(NOTHING, 3)).toEqual({ first: 3, last: 3 });
    const range = extend(from, ['b', 'c', 'd', 'e']);
    expect([selectedCount(range, 9), range.anchor]).toEqual([4, 4]);
  });

  it('are never changed in place', () => {
    const one = toggle(NOTHING, 'a', 0);
    toggle(one, 'b', 1);
    extend(one, ['c']);
    expect([...one.ids]).toEqual(['a']);
    expect(NOTHING.ids.size).toBe(0);
  });
});

describe('all results', () => {
  it('are selected without being loaded', () => {
    expect([isSelected(selectAll(), 'whatever'), selectedCount(selectAll(), 110000), isEmpty(selectAll())]).toEqual([true, 110000, false]);
  });

  it('are all but those taken out again', () => {
    const but = toggle(toggle(selectAll(), 'a', 3), 'b', 4);
    expect([isSelected(but, 'a'), isSelected(but, 'c'), selectedCount(but, 10)]).toEqual([false, true, 8]);
    expect(selectedCount(extend(but, ['a', 'b']), 10)).toBe(10);
  });
});

it('what is gone is no longer selected', () => {
  const some = extend(NOTHING, ['a', 'b', 'c']);
  expect([...without(some, new Set(['b'])).ids]).toEqual(['a', 'c']);
});
