// SPDX-License-Identifier: MIT
// A media piece as a small drawing: its sides around the label, each with its grade in its colour.
import type { Grade } from '../../../api/types';
import { type Messages, useText } from '../../../i18n';
import { classes } from '../../../ui/class';
import { gradeBand } from '../model/grades';
import type { Piece, Side } from '../model/media';

type Drawn = Pick<Piece, 'kind' | 'sizeInch' | 'discGrade' | 'sides'>;

const CENTRE = 60;
const RIM = 54;

/** Black stays black in both themes: on it the colours of the dark one are used. */
const bright = { 1: 'stroke-[#86cf96]', 2: 'stroke-[#bccf6a]', 3: 'stroke-[#e7bd6a]', 4: 'stroke-[#f5a26c]', 5: 'stroke-[#ff9d94]' } as const;
const brightOf = (grade: Grade | null): string => (grade ? bright[gradeBand(grade)] : 'stroke-white/25');
const strokes = { 1: 'stroke-grade-1', 2: 'stroke-grade-2', 3: 'stroke-grade-3', 4: 'stroke-grade-4', 5: 'stroke-grade-5' } as const;
const strokeOf = (grade: Grade | null): string => (grade ? strokes[gradeBand(grade)] : 'stroke-edge/50');

/** A point on a circle; the first side is on the left, as on a label that is read from the top. */
function point(turn: number, radius: number): [x: number, y: number] {
  const angle = 2 * Math.PI * turn;
  return [CENTRE - Math.sin(angle) * radius, CENTRE - Math.cos(angle) * radius];
}

function arc(from: number, to: number, radius: number): string {
  const [x1, y1] = point(from, radius);
  const [x2, y2] = point(to, radius);
  return `M${x1.toFixed(2)} ${y1.toFixed(2)}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 0 ${x2.toFixed(2)} ${y2.toFixed(2)}`;
}

function SideArc({ side, at, of }: { side: Side; at: number; of: number }) {
  const gap = of > 1 ? 0.012 : 0;
  const [x, y] = point((at + 0.5) / of, of > 2 ? 36 : 33);
  const small = of > 4;
  return (
    <>
      {of === 1
        ? <circle cx={CENTRE} cy={CENTRE} r={RIM} fill="none" stroke-width="6" class={brightOf(side.grade)} />
        : <path d={arc(at / of + gap, (at + 1) / of - gap, RIM)} fill="none" stroke-width="6" stroke-linecap="round" class={brightOf(side.grade)} />}
      <text x={x} y={of === 1 ? 24 : y - (small ? 0 : 3)} text-anchor="middle" class="fill-current text-[11px] font-semibold opacity-80">{side.name}</text>
      {!small && <text x={x} y={of === 1 ? 37 : y + 10} text-anchor="middle" direction="ltr" class="fill-current text-[12px] font-bold tracking-tight">{side.grade ?? '–'}</text>}
    </>
  );
}

function Record({ piece, n }: { piece: Drawn; n: number }) {
  const seven = piece.sizeInch !== null && piece.sizeInch <= 7;
  return (
    <g class="text-[#f5f1ea]">
      <circle cx={CENTRE} cy={CENTRE} r="58" class="fill-[#1d1a18] stroke-edge/60" stroke-width="1" />
      {[47, 43, 39, 35, 31, 27].map((r) => <circle key={r} cx={CENTRE} cy={CENTRE} r={r} fill="none" class="stroke-white/8" stroke-width="1" />)}
      <path d={`M${CENTRE} ${CENTRE}L28 12A58 58 0 0 1 52 3ZM${CENTRE} ${CENTRE}L92 108A58 58 0 0 1 68 117Z`} class="fill-white/7" />
      {piece.sides.length === 0 && <circle cx={CENTRE} cy={CENTRE} r={RIM} fill="none" stroke-width="6" class={brightOf(piece.discGrade)} />}
      {piece.sides.map((side, at) => <SideArc key={side.name} side={side} at={at} of={piece.sides.length} />)}
      <circle cx={CENTRE} cy={CENTRE} r="17" class="fill-[#e9a27f]" />
      <Middle piece={piece} n={n} hole={seven ? 6 : 2} />
    </g>
  );
}

function Middle({ piece, n, hole }: { piece: Drawn; n: number; hole: number }) {
  return (
    <g class="text-[#1d0f07]">
      <circle cx={CENTRE} cy={CENTRE} r={hole} class="fill-bg" />
      {piece.discGrade
        ? <text x={CENTRE} y={CENTRE - hole - 1.500} text-anchor="middle" direction="ltr" class="fill-current text-[9px] font-bold">{piece.discGrade}</text>
        : <text x={CENTRE} y={CENTRE - hole - 1.500} text-anchor="middle" class="fill-current text-[9px] font-semibold">{n}</text>}
    </g>
  );
}

function Compact({ piece, n }: { piece: Drawn; n: number }) {
  return (
    <g class="text-[#26282c]">
      <circle cx={CENTRE} cy={CENTRE} r="58" class="fill-[#d4d8de] stroke-edge/60" stroke-width="1" />
      <path d={`M${CENTRE} ${CENTRE}L20 18A58 58 0 0 1 44 4Z`} class="fill-[#b9c8f0]" />
      <path d={`M${CENTRE} ${CENTRE}L44 4A58 58 0 0 1 62 2Z`} class="fill-[#cdeed8]" />
      <path d={`M${CENTRE} ${CENTRE}L100 102A58 58 0 0 1 78 115Z`} class="fill-[#f1d9ec]" />
      <circle cx={CENTRE} cy={CENTRE} r={RIM} fill="none" stroke-width="6" class={strokeOf(piece.discGrade)} />
      <circle cx={CENTRE} cy={CENTRE} r="16" class="fill-[#eef0f3] stroke-[#9aa1ab]" />
      <circle cx={CENTRE} cy={CENTRE} r="7" class="fill-bg" />
      <text x={CENTRE} y="34" text-anchor="middle" direction="ltr" class="fill-current text-[15px] font-bold">{piece.discGrade ?? n}</text>
    </g>
  );
}

function Cassette({ piece, n }: { piece: Drawn; n: number }) {
  const shown = piece.sides.length ? piece.sides.slice(0, 2) : [{ name: String(n), grade: piece.discGrade }];
  const width = 100 / shown.length;
  return (
    <g class="text-[#f5f1ea]">
      <rect x="3" y="24" width="114" height="74" rx="7" class="fill-[#2b2725] stroke-edge/60" />
      <rect x="10" y="31" width="100" height="34" rx="3" class="fill-[#e9a27f]" />
      {shown.map(({ name, grade }, at) => (
        <g key={name}>
          <path d={`M${12 + at * width} 70h${width - 4}`} stroke-width="4" stroke-linecap="round" class={brightOf(grade)} />
          <text x={10 + width * (at + 0.5)} y="53" text-anchor="middle" direction="ltr" class="fill-[#1d0f07] text-[13px] font-bold">{name} {grade ?? ''}</text>
        </g>
      ))}
      {[38, 82].map((x) => <circle key={x} cx={x} cy="84" r="7" class="fill-bg stroke-white/30" stroke-width="2" />)}
    </g>
  );
}

function Other({ piece, n }: { piece: Drawn; n: number }) {
  return (
    <g class="text-ink">
      <rect x="14" y="14" width="92" height="92" rx="10" stroke-width="4" class={classes('fill-sunken', strokeOf(piece.discGrade))} />
      <text x={CENTRE} y="67" text-anchor="middle" direction="ltr" class="fill-current text-[20px] font-bold">{piece.discGrade ?? n}</text>
    </g>
  );
}

const drawings = { VINYL: Record, CD: Compact, CASSETTE: Cassette, OTHER: Other } as const;

function describe(piece: Drawn, n: number, { pieces, derived }: Messages['record']): string {
  const graded = (name: string, grade: Grade | null): string => `${name} ${grade ?? pieces.ungraded}`;
  const parts = piece.sides.map(({ name, grade }) => graded(pieces.side(name), grade));
  if (piece.discGrade || parts.length === 0) parts.unshift(graded(derived.theDisc, piece.discGrade));
  return pieces.drawn(pieces.title(n), parts.join(', '));
}

/** How large a piece is drawn: a 7″ is smaller than an LP, but not so much that it cannot be read. */
function sizeOf({ kind, sizeInch }: Drawn): string {
  if (kind !== 'VINYL') return 'size-26';
  return sizeInch !== null && sizeInch <= 7 ? 'size-24' : sizeInch !== null && sizeInch <= 10 ? 'size-28' : 'size-32';
}

export function Disc({ piece, n }: { piece: Drawn; n: number }) {
  const { record } = useText();
  const Drawing = drawings[piece.kind];
  return (
    <svg viewBox="0 0 120 120" role="img" aria-label={describe(piece, n, record)} class={classes('shrink-0', sizeOf(piece))}>
      <Drawing piece={piece} n={n} />
    </svg>
  );
}
