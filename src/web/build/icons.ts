// SPDX-License-Identifier: MIT
// Makes the icons that phones want as PNG of the one drawing, public/icon.svg, which consists of circles only.
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import type { Plugin } from 'vite';

interface Circle {
  x: number;
  y: number;
  r: number;
  fill: Colour | null;
  stroke: Colour | null;
}
type Colour = readonly [number, number, number];

const VIEW = 64; // the drawing's width and height
const SAMPLES = 4; // a pixel's, in each direction

function colour(text: string | undefined): Colour | null {
  const hex = /^#([0-9a-f]{6})$/.exec(text ?? '')?.[1];
  return hex ? [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour : null;
}

/** The circles in the order in which they are painted; those of a group with its stroke are lines. */
function circlesOf(svg: string): Circle[] {
  const circles: Circle[] = [];
  let stroke: Colour | null = null;
  for (const [, close, name, rest = ''] of svg.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
    const value = (key: string) => new RegExp(`\\s${key}="([^"]*)"`).exec(rest)?.[1];
    if (name === 'g') stroke = close ? null : colour(value('stroke'));
    if (name === 'circle') circles.push({ x: Number(value('cx')), y: Number(value('cy')), r: Number(value('r')), fill: colour(value('fill')), stroke });
  }
  if (circles.length < 3) throw new Error('icon.svg: no circles');
  return circles;
}

function colourAt(circles: Circle[], x: number, y: number): Colour | null {
  let seen: Colour | null = null;
  for (const circle of circles) {
    const distance = Math.hypot(x - circle.x, y - circle.y);
    if (circle.fill && distance <= circle.r) seen = circle.fill;
    if (!circle.fill && circle.stroke && Math.abs(distance - circle.r) <= 0.5) seen = circle.stroke;
  }
  return seen;
}

/** One pixel of `size`: red, green, blue, opacity. `ground` fills what the drawing leaves free. */
function pixel(circles: Circle[], column: number, row: number, scale: number, offset: number, ground: Colour | null): number[] {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) * scale - offset;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) * scale - offset;
    const seen = colourAt(circles, x, y) ?? ground;
    if (!seen) continue;
    seen.forEach((part, at) => { sum[at] = (sum[at] ?? 0) + part; });
    sum[3] = (sum[3] ?? 0) + 1;
  }
  const [red = 0, green = 0, blue = 0, n = 0] = sum;
  return n ? [red / n, green / n, blue / n, (255 * n) / SAMPLES ** 2].map(Math.round) : [0, 0, 0, 0];
}

function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** `margin`: the part of the width that is left free around the drawing, as launchers cut icons to their own shapes. */
function png(circles: Circle[], size: number, margin: number, ground: Colour | null): Buffer {
  const scale = VIEW / (size * (1 - 2 * margin));
  const rows: Buffer[] = [];
  for (let row = 0; row < size; row++) {
    const line = [0];
    for (let column = 0; column < size; column++) line.push(...pixel(circles, column, row, scale, size * margin * scale, ground));
    rows.push(Buffer.from(line));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8); // eight bits, with opacity
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const paper: Colour = [0xfa, 0xf8, 0xf5];

/** icon-192.png and icon-512.png, maskable.png, apple-touch-icon.png. */
export function icons(svg: string): Plugin {
  return {
    name: 'recordd-icons',
    apply: 'build',
    generateBundle() {
      const circles = circlesOf(readFileSync(svg, 'utf8'));
      const emit = (fileName: string, source: Buffer) => this.emitFile({ type: 'asset', fileName, source });
      emit('icon-192.png', png(circles, 192, 0, null));
      emit('icon-512.png', png(circles, 512, 0, null));
      emit('maskable.png', png(circles, 512, 0.16, paper));
      emit('apple-touch-icon.png', png(circles, 180, 0.08, paper));
    },
  };
}
