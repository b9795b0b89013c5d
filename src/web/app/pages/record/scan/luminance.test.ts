// SPDX-License-Identifier: MIT
// The small reader: a code in a picture is read, lying, upside down or upright, and noise is not.
import { describe, expect, test } from 'vitest';
import { checkDigit } from '../model/barcode';
import { Agreement } from './reader';
import { type Frame, luminanceOf, readFrame, turned } from './luminance';

const LEFT = ['0001101', '0011001', '0010011', '0111101', '0100011', '0110001', '0101111', '0111011', '0110111', '0001011'];
const PARITY = ['LLLLLL', 'LLGLGG', 'LLGGLG', 'LLGGGL', 'LGLLGG', 'LGGLLG', 'LGGGLL', 'LGLGLG', 'LGLGGL', 'LGGLGL'];
const flipped = (bits: string) => [...bits].map((bit) => (bit === '1' ? '0' : '1')).join('');
const mirrored = (bits: string) => [...bits].reverse().join('');

/** The bars of an EAN-13: L and G on the left by the parity of the first digit, R on the right. */
function bars(code: string): string {
  const parity = PARITY[Number(code[0])] ?? '';
  const left = [...code.slice(1, 7)].map((d, i) => (parity[i] === 'L' ? (LEFT[Number(d)] ?? '') : mirrored(flipped(LEFT[Number(d)] ?? ''))));
  const right = [...code.slice(7)].map((d) => flipped(LEFT[Number(d)] ?? ''));
  return `101${left.join('')}01010${right.join('')}101`;
}

function picture(code: string, { module = 3, noise = 0 } = {}): Frame {
  const bits = `${'0'.repeat(12)}${bars(code)}${'0'.repeat(12)}`;
  const [width, height] = [bits.length * module, 120];
  let seed = 7;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    const inside = Math.floor(i / width) > 20 && Math.floor(i / width) < 100;
    const dark = inside && bits[Math.floor((i % width) / module)] === '1';
    rgba.fill((dark ? 40 : 210) + ((seed >>> 16) / 65536 - 0.5) * noise, i * 4, i * 4 + 3);
  }
  return luminanceOf(rgba, width, height);
}

const upsideDown = (frame: Frame): Frame => ({ ...frame, luminance: frame.luminance.slice().reverse() });

describe('a code in a picture', () => {
  test.each(['4006381333931', '5099902154725', '9780201379624'])('%s is read', (code) => expect(readFrame(picture(code))).toBe(code));
  test('is read upside down', () => expect(readFrame(upsideDown(picture('4006381333931')))).toBe('4006381333931'));
  test('is read with noise in the picture', () => expect(readFrame(picture('4006381333931', { noise: 90 }))).toBe('4006381333931'));
  test('is read when it stands upright', () => {
    const upright = turned(picture('4006381333931'));
    expect(readFrame(upright)).toBeNull();
    expect(readFrame(turned(upright))).toBe('4006381333931');
  });
});

test('what is no code is none', () => {
  const grey = new Uint8ClampedArray(300 * 100).fill(128);
  expect(readFrame({ luminance: grey, width: 300, height: 100 })).toBeNull();
});

test('one reading is not believed, two that agree are', () => {
  const agreement = new Agreement();
  const other = `400638133394${checkDigit('400638133394')}`;
  expect(['4006381333931', other, null, other, '123'].map((code) => agreement.add(code))).toEqual([null, null, null, other, null]);
});
