// SPDX-License-Identifier: MIT
// A bulk edit changes what was asked for, in the records where it changes anything.
import { describe, expect, it } from 'vitest';
import { operationsOf, setOf, type Changeable, type Changes } from './bulk';

const record = (more: Partial<Changeable> = {}): Changeable => ({ id: 'a', version: 3, format: 'LP', label: null, notes: null, pricePaid: 12, ...more });

describe('a change', () => {
  it('sets and clears', () => {
    const changes: Changes = { format: { how: 'set', value: '12"' }, pricePaid: { how: 'clear', value: null } };
    expect(operationsOf(changes, [record()])).toEqual([{ op: 'update', id: 'a', set: { format: '12"', pricePaid: null } }]);
  });

  it('fills in only what is empty, if it still is', () => {
    const changes: Changes = { label: { how: 'fill', value: 'Verve' } };
    expect(operationsOf(changes, [record(), record({ id: 'b', label: 'ECM' })])).toEqual([{ op: 'update', id: 'a', set: { label: 'Verve' }, version: 3 }]);
  });

  it('adds to the notes that are there', () => {
    const changes: Changes = { notes: { how: 'append', value: 'Shelf 4' } };
    expect([setOf(changes, record()), setOf(changes, record({ notes: 'Gift' }))]).toEqual([{ notes: 'Shelf 4' }, { notes: 'Gift\nShelf 4' }]);
    expect(setOf(changes, record({ notes: 'x'.repeat(10_000) })).notes).toBeUndefined();
  });

  it('leaves alone what already is so', () => {
    const changes: Changes = { format: { how: 'set', value: 'LP' }, label: { how: 'clear', value: null } };
    expect(operationsOf(changes, [record()])).toEqual([]);
  });
});
