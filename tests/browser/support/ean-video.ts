// SPDX-License-Identifier: MIT
// A film for Chromium's pretended camera: an EAN-13 held still, a little blurred and noisy, as a hand in a shop would.
const LEFT = ['0001101', '0011001', '0010011', '0111101', '0100011', '0110001', '0101111', '0111011', '0110111', '0001011'];
const PARITY = ['LLLLLL', 'LLGLGG', 'LLGGLG', 'LLGGGL', 'LGLLGG', 'LGGLLG', 'LGGGLL', 'LGLGLG', 'LGLGGL', 'LGGLGL'];
const [WIDTH, HEIGHT, MODULE, FRAMES] = [640, 480, 4, 6];

const flipped = (bits: string): string => [...bits].map((bit) => (bit === '1' ? '0' : '1')).join('');
const mirrored = (bits: string): string => [...bits].reverse().join('');

/** Left digits in L or G by the parity that stands for the first digit, right digits in R. */
function bars(code: string): string {
  const parity = PARITY[Number(code[0])] ?? '';
  const left = [...code.slice(1, 7)].map((d, i) => (parity[i] === 'L' ? LEFT[Number(d)] ?? '' : mirrored(flipped(LEFT[Number(d)] ?? ''))));
  const right = [...code.slice(7)].map((d) => flipped(LEFT[Number(d)] ?? ''));
  return `101${left.join('')}01010${right.join('')}101`;
}

function brightness(bits: string, x: number, y: number): number {
  const at = Math.floor((x - (WIDTH - bits.length * MODULE) / 2) / MODULE);
  const onLabel = y > 90 && y < 390 && x > 40 && x < WIDTH - 40;
  const dark = y > 130 && y < 340 && bits[at] === '1';
  return dark ? 45 : onLabel ? 215 : 120;
}

function frame(bits: string, seed: number): Buffer {
  const luma = Buffer.alloc(WIDTH * HEIGHT);
  let random = seed;
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      const blurred = (brightness(bits, x - 1, y) + 2 * brightness(bits, x, y) + brightness(bits, x + 1, y)) / 4;
      luma[y * WIDTH + x] = Math.max(16, Math.min(235, blurred + ((random >>> 16) / 65536 - 0.5) * 24));
    }
  return Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc(WIDTH * HEIGHT / 2, 128)]);
}

export function eanVideo(code: string): Buffer {
  const bits = bars(code);
  const frames = Array.from({ length: FRAMES }, (_, i) => frame(bits, i + 1));
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420mpeg2\n`), ...frames]);
}
