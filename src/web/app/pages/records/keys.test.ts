// SPDX-License-Identifier: MIT
// Keys do what the help says, and never while somebody types.
import { describe, expect, it } from 'vitest';
import { commandOf, type KeyPress, type Place } from './keys';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress =>
  ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const of = (key: string, place: Place = 'page', more: Partial<KeyPress> = {}) => commandOf(press(key, more), place, true);

describe('single keys', () => {
  it('are commands on the page', () => {
    expect(['/', 'n', 'e', 'x', 'j', 'k', '?', 'Enter', 'Escape', 'N'].map((key) => of(key)))
      .toEqual(['search', 'new', 'edit', 'select', 'down', 'up', 'help', 'open', 'escape', 'new']);
  });

  it('are letters in a field', () => {
    expect(['/', 'n', 'e', 'x', '?', 'Enter', 'ArrowDown', 'Delete'].map((key) => of(key, 'text'))).toEqual(Array(8).fill(null));
    expect(of('Escape', 'text')).toBe('escape');
  });

  it('leave a button its Enter', () => {
    expect([of('Enter', 'control'), of('x', 'control'), of('ArrowDown', 'control')]).toEqual([null, 'select', null]);
  });

  it('can be switched off', () => {
    expect(commandOf(press('n'), 'page', false)).toBeNull();
    expect(commandOf(press('ArrowDown'), 'page', false)).toBe('down');
    expect(commandOf(press('k', { ctrlKey: true }), 'page', false)).toBe('menu');
  });
});

describe('with Ctrl', () => {
  it('the menu opens from everywhere', () => {
    expect([of('k', 'text', { ctrlKey: true }), of('K', 'page', { metaKey: true })]).toEqual(['menu', 'menu']);
  });

  it('a field keeps its own undo and select all', () => {
    expect([of('z', 'text', { ctrlKey: true }), of('a', 'text', { ctrlKey: true })]).toEqual([null, null]);
    expect([of('z', 'page', { ctrlKey: true }), of('a', 'page', { metaKey: true })]).toEqual(['undo', 'selectAll']);
  });

  it('the browser keeps the rest', () => {
    expect([of('n', 'page', { ctrlKey: true }), of('z', 'page', { ctrlKey: true, shiftKey: true }), of('x', 'page', { altKey: true })]).toEqual([null, null, null]);
  });
});
