// SPDX-License-Identifier: MIT
// What a record without a cover looks like: drawn from artist and title, always the same for the same record.

/** The number of colour pairs of the styles (art-0 …). */
export const TINTS = 12;

export interface Artwork {
  readonly tint: number;
  /** How the sleeve is composed. */
  readonly design: 'centre' | 'corner' | 'bands' | 'arcs';
  /** A turn in degrees, for what is drawn at an angle. */
  readonly turn: number;
  /** One or two letters of the artist. */
  readonly letters: string;
}

const DESIGNS = ['centre', 'corner', 'bands', 'arcs'] as const;

/** FNV-1a with a final mixing: short texts that differ little must look different. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}

const ARTICLES = new Set(['the', 'a', 'an', 'der', 'die', 'das', 'le', 'la', 'les', 'los', 'el']);

/** "The Velvet Underground" → "VU". */
export function lettersOf(artist: string): string {
  const words = artist.normalize('NFC').split(/[\s/&+,.-]+/u).map((word) => word.replace(/^[^\p{L}\p{N}]+/u, '')).filter((word) => word !== '');
  const telling = words.length > 1 ? words.filter((word) => !ARTICLES.has(word.toLowerCase())) : words;
  const chosen = (telling.length > 0 ? telling : words).slice(0, 2);
  return chosen.map((word) => [...word][0]?.toUpperCase() ?? '').join('') || '♪';
}

export function artworkOf(artist: string, name: string): Artwork {
  const own = hash(artist.trim().toLowerCase());
  const whole = hash(`${artist}\n${name}`.toLowerCase());
  return {
    tint: (own + (whole % 3)) % TINTS,
    design: DESIGNS[whole % DESIGNS.length] ?? 'centre',
    turn: (whole >>> 8) % 360,
    letters: lettersOf(artist),
  };
}
