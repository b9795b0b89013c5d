// SPDX-License-Identifier: MIT
// Covers: the shape of a picture stays, and one kept in a draft comes back byte for byte.
import { expect, test } from 'vitest';
import { fit, fromDataUrl, toDataUrl } from './shrink';

test('a picture is fitted, never enlarged and never gone', () => {
  expect(fit({ width: 4000, height: 3000 })).toEqual({ width: 1000, height: 750 });
  expect(fit({ width: 300, height: 600 })).toEqual({ width: 300, height: 600 });
  expect(fit({ width: 90000, height: 3 })).toEqual({ width: 1000, height: 1 });
});

test('a picture survives its draft', async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);
  const back = fromDataUrl(await toDataUrl(new Blob([bytes], { type: 'image/webp' })));
  expect(back?.type).toBe('image/webp');
  expect(new Uint8Array(await (back as Blob).arrayBuffer())).toEqual(bytes);
});

test('nothing but a picture is taken out of a draft', () => {
  expect(fromDataUrl('data:text/html;base64,PGI+')).toBeNull();
  expect(fromDataUrl('data:image/svg+xml;base64,PGI+')).toBeNull();
  expect(fromDataUrl('javascript:1')).toBeNull();
});
