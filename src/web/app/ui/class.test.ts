// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { classes } from './class';

test('names that are not wanted leave no gap', () => {
  expect(classes('a', false, null, undefined, 'b')).toBe('a b');
});
