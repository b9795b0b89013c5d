// SPDX-License-Identifier: MIT
// Media pieces: their sides and letters, what a format's words tell, and which side a derived grade comes from.
import { type MediaKind as Kind, mediaKinds as KINDS } from '../../../api/types';
import { type Grade, compareGrades } from './grades';

export { KINDS };
export type { Kind };

export interface Side {
  name: string;
  grade: Grade | null;
}

export interface Piece {
  id?: string;
  kind: Kind;
  sizeInch: number | null;
  speedRpm: number | null;
  discGrade: Grade | null;
  sides: Side[];
  notes: string;
}

export const MAX_PIECES = 50;
export const MAX_SIDES = 16;

/** Piece 1 has A and B, piece 2 C and D, …, piece 14 AA and AB. Counts pieces from 1 and sides from 0. */
export function sideName(piece: number, side: number): string {
  const n = (piece - 1) * 2 + side;
  const last = String.fromCharCode(65 + (n % 26));
  return n < 26 ? last : String.fromCharCode(64 + Math.floor(n / 26)) + last;
}

/** Which side of its own piece a letter is, if it is a letter of that piece. */
function sideAt(piece: number, name: string): number | null {
  if (name === sideName(piece, 0)) return 0;
  if (name === sideName(piece, 1)) return 1;
  return null;
}

/**
 * The pieces in a new order, with letters that fit their places. A side that was lettered for its former place gets the
 * letter of the new one, and so does a plain A or B; what somebody named otherwise stays.
 */
export function letterPieces(pieces: readonly Piece[], formerPlaces: readonly number[]): Piece[] {
  return pieces.map((piece, i) => {
    const place = i + 1;
    const former = formerPlaces[i] ?? place;
    const plain = piece.sides.every(({ name }) => name === 'A' || name === 'B');
    const own = piece.sides.every(({ name }) => sideAt(former, name) !== null);
    if (!plain && !own) return piece;
    const at = (name: string): number => (plain ? Number(name === 'B') : (sideAt(former, name) ?? 0));
    return { ...piece, sides: piece.sides.map((side) => ({ ...side, name: sideName(place, at(side.name)) })) };
  });
}

/** The next side's letter: the piece's own first, then whatever letter is free. */
export function nextSideName(place: number, sides: readonly Side[]): string {
  const taken = new Set(sides.map(({ name }) => name));
  for (let side = 0; side < 2; side++) if (!taken.has(sideName(place, side))) return sideName(place, side);
  for (let n = place * 2; ; n++) {
    const name = sideName(1, n);
    if (!taken.has(name)) return name;
  }
}

interface Hint {
  kind: Kind;
  sizeInch: number | null;
  speedRpm: number | null;
}

const words: readonly (readonly [pattern: RegExp, hint: Hint])[] = [
  [/\b(sa)?cd-?r?\b/i, { kind: 'CD', sizeInch: null, speedRpm: null }],
  [/\b(cassette|cass|tape)\b/i, { kind: 'CASSETTE', sizeInch: null, speedRpm: null }],
  [/\b12\b(?! *x)/i, { kind: 'VINYL', sizeInch: 12, speedRpm: 33 }],
  [/\b10\b(?! *x)/i, { kind: 'VINYL', sizeInch: 10, speedRpm: 33 }],
  [/\b7\b(?! *x)/i, { kind: 'VINYL', sizeInch: 7, speedRpm: 45 }],
  [/lp\b/i, { kind: 'VINYL', sizeInch: 12, speedRpm: 33 }],
  [/\b(ep|45|single)\b/i, { kind: 'VINYL', sizeInch: 7, speedRpm: 45 }],
  [/\bvinyl\b/i, { kind: 'VINYL', sizeInch: 12, speedRpm: 33 }],
];

/** What a format such as `2xLP` or `7"` says about its pieces; null when it says nothing. */
export function hintOf(format: string): Hint | null {
  return words.find(([pattern]) => pattern.test(format))?.[1] ?? null;
}

/** How many pieces a format counts: 2 in `2xLP`, else 1. */
export function countOf(format: string): number {
  const count = Number(/(\d+) *[x×]/i.exec(format)?.[1] ?? 1);
  return Math.min(Math.max(count, 1), MAX_PIECES);
}

export function hasSides(kind: Kind): boolean {
  return kind === 'VINYL' || kind === 'CASSETTE';
}

/** A piece for this place, as the format suggests it, with sides that wait for their grades. */
export function newPiece(format: string, place: number): Piece {
  const hint = hintOf(format) ?? { kind: 'VINYL', sizeInch: 12, speedRpm: 33 };
  const sides = hasSides(hint.kind) ? [0, 1].map((side) => ({ name: sideName(place, side), grade: null })) : [];
  return { ...hint, discGrade: null, sides, notes: '' };
}

export interface Reason {
  /** The piece's place, from 1. */
  piece: number;
  /** The side's letter; null when it is the disc as a whole. */
  side: string | null;
}

export interface Derived {
  grade: Grade;
  /** All that are as bad as that, in order. */
  because: Reason[];
  /** How many grades were compared. */
  of: number;
}

/** The worst grade over all discs and sides, and where it is found. */
export function deriveGrade(pieces: readonly Pick<Piece, 'discGrade' | 'sides'>[]): Derived | null {
  let found: Derived | null = null;
  let of = 0;
  const look = (grade: Grade | null, reason: Reason): void => {
    if (!grade) return;
    of++;
    const order = found ? compareGrades(grade, found.grade) : 1;
    if (order > 0) found = { grade, because: [reason], of };
    else if (order === 0) found?.because.push(reason);
  };
  pieces.forEach(({ discGrade, sides }, i) => {
    look(discGrade, { piece: i + 1, side: null });
    for (const side of sides) look(side.grade, { piece: i + 1, side: side.name });
  });
  return found && { ...(found as Derived), of };
}
