// SPDX-License-Identifier: MIT
// What a form must be before it is sent: the server's rules, told at the field and in the user's language.
import * as v from 'valibot';
import { barcodeState } from './barcode';
import { isDay, parseYear } from './dates';
import type { Form } from './form';
import { MAX_PIECES, MAX_SIDES } from './media';
import { parseMoney } from './money';

/** Names of messages, not texts. */
export type Fault =
  | 'required' | 'tooLong' | 'controls' | 'year' | 'day' | 'money'
  | 'barcodeDigits' | 'barcodeCheck' | 'barcodeLong' | 'sideName' | 'sideTwice' | 'tooManySides' | 'tooManyPieces' | 'size' | 'speed';

export interface Problem {
  /** `artist`, `mediaPieces[1].notes`, `mediaPieces[0].sides.A`: as the server names them. */
  field: string;
  /** One of ours, told in the user's language. */
  fault?: Fault;
  /** The limit that it is about. */
  limit?: number;
  /** What the server said about it, in its own words. */
  message?: string;
}

const CONTROLS = /[\u0000-\u001f\u007f]/;
const CONTROLS_BUT_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

const fault = (name: Fault, limit?: number): string => (limit === undefined ? name : `${name}:${limit}`);
const length = (max: number) => v.check<string, string>((text) => [...text.trim()].length <= max, fault('tooLong', max));

const line = (max: number) =>
  v.pipe(v.string(), v.check((text) => !CONTROLS.test(text.trim()), fault('controls')), length(max));
const required = (max: number) => v.pipe(line(max), v.check((text) => text.trim() !== '', fault('required')));
const lines = (max: number) => v.pipe(v.string(), v.check((text) => !CONTROLS_BUT_LINES.test(text), fault('controls')), length(max));
const year = v.pipe(v.string(), v.check((text) => parseYear(text) !== undefined, fault('year')));
const day = v.pipe(v.string(), v.check((text) => text === '' || isDay(text), fault('day')));
const within = (min: number, max: number, name: Fault) =>
  v.nullable(v.pipe(v.number(fault(name, max)), v.integer(fault(name, max)), v.minValue(min, fault(name, max)), v.maxValue(max, fault(name, max))));

const barcode = v.pipe(
  v.string(),
  v.check((text) => barcodeState(text) !== 'letters', fault('barcodeDigits')),
  v.check((text) => barcodeState(text) !== 'long', fault('barcodeLong', 32)),
  v.check((text) => barcodeState(text) !== 'wrong', fault('barcodeCheck')),
);

const side = v.object({ name: v.pipe(v.string(), v.regex(/^\s*[A-Za-z]{1,2}\s*$/, fault('sideName'))) });
const piece = v.object({
  sizeInch: within(1, 20, 'size'),
  speedRpm: within(1, 120, 'speed'),
  notes: lines(2000),
  sides: v.pipe(
    v.array(side),
    v.maxLength(MAX_SIDES, fault('tooManySides', MAX_SIDES)),
    v.check((sides) => new Set(sides.map(({ name }) => name.trim().toUpperCase())).size === sides.length, fault('sideTwice')),
  ),
});

function schemaFor(locale: string) {
  return v.object({
    artist: required(256),
    name: required(256),
    format: required(64),
    label: line(128),
    catalogNumber: line(64),
    labelCode: line(64),
    notes: lines(10000),
    barcode,
    releaseYear: year,
    pressingYear: year,
    releaseDate: day,
    purchasedAt: day,
    pricePaid: v.pipe(v.string(), v.check((text) => parseMoney(text, locale) !== undefined, fault('money'))),
    mediaPieces: v.pipe(v.array(piece), v.maxLength(MAX_PIECES, fault('tooManyPieces', MAX_PIECES))),
  });
}

/** `mediaPieces`, 1, `sides`, 0, `name` → `mediaPieces[1].sides.0` */
function nameOf(path: readonly { key?: unknown }[]): string {
  const keys = path.map(({ key }) => key).filter((key) => key !== 'name' || path.length === 1);
  return keys.map((key, i) => (i === 1 && keys[0] === 'mediaPieces' ? `[${String(key)}]` : `${i ? '.' : ''}${String(key)}`)).join('');
}

/** One problem a field, the first. */
export function problemsOf(form: Form, locale: string): Problem[] {
  const { issues } = v.safeParse(schemaFor(locale), form);
  const found = new Map<string, Problem>();
  for (const issue of issues ?? []) {
    const field = nameOf(issue.path ?? []);
    const [name, limit] = issue.message.split(':');
    if (!found.has(field)) found.set(field, { field, fault: name as Fault, ...(limit ? { limit: Number(limit) } : {}) });
  }
  return [...found.values()];
}
