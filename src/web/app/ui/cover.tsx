// SPDX-License-Identifier: MIT
// A record's cover; where there is none, a sleeve drawn from its artist and title.
import { useState } from 'preact/hooks';
import { type Artwork, artworkOf } from './artwork';
import './artwork.css';
import { classes } from './class';

const grooves = [0.92, 0.8, 0.68, 0.56];

function Disc({ x, y, r, turn }: { x: number; y: number; r: number; turn: number }) {
  const [long, wide] = [r * 0.96, r * 0.17];
  return (
    <>
      <circle cx={x} cy={y} r={r} fill="#1d1b1f" />
      {grooves.map((part) => <circle key={part} cx={x} cy={y} r={r * part} fill="none" stroke="#fff" stroke-opacity="0.08" stroke-width="0.6" />)}
      <path transform={`rotate(${turn} ${x} ${y})`} fill="#fff" fill-opacity="0.07"
        d={`M${x} ${y}l${long} ${-wide}a${r} ${r} 0 0 1 0 ${2 * wide}zl${-long} ${wide}a${r} ${r} 0 0 1 0 ${-2 * wide}z`} />
      <circle cx={x} cy={y} r={r * 0.4} class="fill-(--art)" />
      <circle cx={x} cy={y} r={r * 0.36} class="fill-none stroke-(--art-pale)" stroke-opacity="0.5" stroke-width="0.6" />
      <circle cx={x} cy={y + (r > 50 ? 0 : 4.5)} r="1.5" fill="#1d1b1f" />
    </>
  );
}

function Letters({ children, y = 27, tint }: { children: string; y?: number; tint: string }) {
  return <text x="9" y={y} font-size="22" font-weight="800" letter-spacing="-1" class={tint}>{children}</text>;
}

const designs: Record<Artwork['design'], (art: Artwork) => preact.JSX.Element> = {
  centre: ({ turn, letters }) => (
    <>
      <rect width="100" height="100" class="fill-(--art-pale)" />
      <Disc x={50} y={50} r={43} turn={turn} />
      <text x="50" y="49.500" text-anchor="middle" font-size="9.500" font-weight="700" fill="#fff">{letters}</text>
    </>
  ),
  corner: ({ turn, letters }) => (
    <>
      <rect width="100" height="100" class="fill-(--art)" />
      <Disc x={82} y={86} r={58} turn={turn} />
      <Letters tint="fill-white">{letters}</Letters>
    </>
  ),
  bands: ({ letters }) => (
    <>
      <rect width="100" height="100" class="fill-(--art-pale)" />
      <path d="M0 48h100v2H0zm0 6h100v4H0z" class="fill-(--art)" />
      <path d="M0 62h100v38H0z" class="fill-(--art-deep)" />
      <Letters y={36} tint="fill-(--art-deep)">{letters}</Letters>
    </>
  ),
  arcs: ({ letters }) => (
    <>
      <rect width="100" height="100" class="fill-(--art-deep)" />
      {[92, 78, 64, 50, 36].map((r, at) => <circle key={r} cx="100" cy="100" r={r} class={at % 2 ? 'fill-(--art-deep)' : 'fill-(--art)'} />)}
      <circle cx="100" cy="100" r="22" class="fill-(--art-pale)" />
      <Letters tint="fill-(--art-pale)">{letters}</Letters>
    </>
  ),
};

interface Props {
  record: { readonly artist: string; readonly name: string; readonly cover?: string | null };
  class?: string;
}

/** A square that is as wide as its place; decoration, as artist and title stand beside it. */
export function Cover({ record, class: more }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  const shape = classes('block aspect-square w-full select-none bg-sunken', more);
  if (record.cover && record.cover !== broken) {
    const { cover } = record;
    return <img src={cover} alt="" loading="lazy" decoding="async" draggable={false} class={classes(shape, 'object-cover')} onError={() => setBroken(cover)} />;
  }
  const art = artworkOf(record.artist, record.name);
  return <svg viewBox="0 0 100 100" direction="ltr" aria-hidden="true" focusable="false" class={classes(`art-${art.tint}`, shape)}>{designs[art.design](art)}</svg>;
}
