// SPDX-License-Identifier: MIT
// Which column of a foreign file is which field: by its name, and where that tells nothing, by what stands in it.
import { SYNONYMS } from './synonyms';

export interface Column {
  readonly name: string;
  readonly samples: readonly string[];
}

/** Column name → field; null: the column is left out. What is not in it is kept aside with the record. */
export type Mapping = Readonly<Record<string, string | null>>;

const CERTAIN = 100;
const ENOUGH = 30;

/** Case, accents, punctuation and camelCase do not matter: "Künstler_Name" → "kunstler name". */
export function fold(text: string): string {
  return text
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ة/gu, 'ه')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const FOLDED: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(SYNONYMS).map(([field, names]) => [field, names.map(fold)]));

function scoreOfName(folded: string, field: string): number {
  if (folded === fold(field)) return CERTAIN;
  const names = FOLDED.get(field) ?? [];
  const at = names.indexOf(folded);
  if (at >= 0) return CERTAIN - 1 - at;
  const words = ` ${folded} `;
  let best = 0;
  for (const name of names) if (name.length > 2 && words.includes(` ${name} `)) best = Math.max(best, 35 + Math.min(20, name.length));
  return best;
}

const GRADE = /^(m|nm-?|ex[+-]?|vg[+-]?|g[+-]?|f|p|mint|near mint|(very )?good( plus)?|fair|poor)(\s*\(.*\))?$/i;
const CARRIER = /^(\d+\s*x\s*)?(lp|ep|vinyl|cd|cass(ette)?|mc|tape|single|maxi|7"|10"|12")\b/i;

const LOOKS: readonly (readonly [field: string, test: (cell: string) => boolean])[] = [
  ['barcode', (cell) => /^[\d\s-]{8,17}$/.test(cell) && [8, 12, 13].includes(cell.replace(/\D/g, '').length)],
  ['releaseYear', (cell) => /^(18[6-9]\d|19\d\d|20\d\d)$/.test(cell)],
  ['recordGrade', (cell) => GRADE.test(cell)],
  ['format', (cell) => CARRIER.test(cell)],
  ['pricePaid', (cell) => /^(\p{Sc}\s*)?\d{1,6}[.,]\d\d(\s*\p{Sc})?$/u.test(cell)],
  ['purchasedAt', (cell) => /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$/.test(cell)],
];

function scoreOfSamples(samples: readonly string[], field: string): number {
  const cells = samples.map((cell) => cell.trim()).filter((cell) => cell !== '');
  const look = LOOKS.find(([name]) => name === field);
  if (!look || cells.length < 2) return 0;
  return cells.every(look[1]) ? ENOUGH : 0;
}

/** The best guess: each field once, surest pairs first; `fields` are those that can be had. */
export function guessMapping(columns: readonly Column[], fields: readonly string[]): Mapping {
  const pairs: { column: string; field: string; score: number }[] = [];
  for (const column of columns) {
    const folded = fold(column.name);
    for (const field of fields) {
      const score = scoreOfName(folded, field) || scoreOfSamples(column.samples, field);
      if (score >= ENOUGH) pairs.push({ column: column.name, field, score });
    }
  }
  pairs.sort((one, other) => other.score - one.score);
  const mapping = new Map<string, string>();
  const taken = new Set<string>();
  for (const { column, field } of pairs) {
    if (mapping.has(column) || taken.has(field)) continue;
    mapping.set(column, field);
    taken.add(field);
  }
  return Object.fromEntries(mapping);
}

/** What becomes of a column: a field, nothing (null), or kept aside (undefined). What had the field before is kept aside. */
export function remap(mapping: Mapping, column: string, field: string | null | undefined): Mapping {
  const kept = Object.entries(mapping).filter(([name, given]) => name !== column && (given === null || given !== field));
  return Object.fromEntries(field === undefined ? kept : [...kept, [column, field]]);
}

/** Which of the needed fields have no column yet. */
export function missing(mapping: Mapping, needed: readonly string[]): readonly string[] {
  const given = new Set(Object.values(mapping));
  return needed.filter((field) => !given.has(field));
}
