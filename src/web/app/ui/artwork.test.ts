// SPDX-License-Identifier: MIT
// A record without a cover has a face of its own, the same every day.
import { expect, it } from 'vitest';
import { TINTS, artworkOf, lettersOf } from './artwork';

it('the same record always looks the same', () => {
  expect(artworkOf('Miles Davis', 'Kind of Blue')).toEqual(artworkOf('Miles Davis', 'Kind of Blue'));
});

it('records differ, and all colours are used', () => {
  const seen = new Set<number>();
  const looks = new Set<string>();
  for (let n = 0; n < 400; n += 1) {
    const art = artworkOf(`Artist ${n % 40}`, `Title ${n}`);
    seen.add(art.tint);
    looks.add(JSON.stringify([art.tint, art.design, art.turn]));
  }
  expect(seen.size).toBe(TINTS);
  expect(looks.size).toBeGreaterThan(350);
});

it('letters are the artist’s, in any script', () => {
  expect(['The Velvet Underground', 'Björk', 'ABBA', '“Weird Al” Yankovic', 'The The', '坂本龍一', 'N.W.A', '', '???', 'Die Ärzte'].map(lettersOf))
    .toEqual(['VU', 'B', 'A', 'WA', 'TT', '坂', 'NW', '♪', '♪', 'Ä']);
});
