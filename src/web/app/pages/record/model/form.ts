// SPDX-License-Identifier: MIT
// The form of a record: what the fields hold while somebody types, and how that becomes what the server takes.
import { cleanBarcode } from './barcode';
import { dayOf, parseYear } from './dates';
import { type Grade, isGrade } from './grades';
import { type Kind, KINDS, type Piece } from './media';
import { changedFields } from './merge';
import { amountOf, moneyText, parseMoney } from './money';

/** A piece as the server shows it. */
export interface PieceJson {
  id?: string;
  index: number;
  kind: string;
  sizeInch?: number | null;
  speedRpm?: number | null;
  discGrade?: string | null;
  sides?: Record<string, string | null> | null;
  notes?: string | null;
}

/** A record as the server shows it, as far as the form knows it. */
export interface RecordJson {
  artist?: string | null;
  name?: string | null;
  format?: string | null;
  catalogNumber?: string | null;
  label?: string | null;
  labelCode?: string | null;
  barcode?: string | null;
  releaseYear?: number | null;
  releaseDate?: string | null;
  pressingYear?: number | null;
  recordGrade?: string | null;
  recordGradeDerived?: boolean | null;
  sleeveGrade?: string | null;
  hasInsert?: boolean | null;
  insertGrade?: string | null;
  hasBooklet?: boolean | null;
  bookletGrade?: string | null;
  hasObiStrip?: boolean | null;
  obiStripGrade?: string | null;
  hasFactorySleeve?: boolean | null;
  factorySleeveGrade?: string | null;
  isPromo?: boolean | null;
  notes?: string | null;
  purchasedAt?: string | null;
  pricePaid?: number | null;
  mediaPieces?: PieceJson[] | null;
}

export const TEXTS = ['artist', 'name', 'format', 'label', 'catalogNumber', 'labelCode', 'barcode', 'notes'] as const;
export const YEARS = ['releaseYear', 'pressingYear'] as const;
export const DAYS = ['releaseDate', 'purchasedAt'] as const;
export const GRADED = ['recordGrade', 'sleeveGrade', 'insertGrade', 'bookletGrade', 'obiStripGrade', 'factorySleeveGrade'] as const;
export const FLAGS = ['hasInsert', 'hasBooklet', 'hasObiStrip', 'hasFactorySleeve', 'isPromo'] as const;

export type TextField = (typeof TEXTS)[number];
export type YearField = (typeof YEARS)[number];
export type DayField = (typeof DAYS)[number];
export type GradeField = (typeof GRADED)[number];
export type FlagField = (typeof FLAGS)[number];

/** Texts as typed; a grade that the server derives is null here, so that it stays derived. */
export type Form = Record<TextField | YearField | DayField, string> &
  Record<GradeField, Grade | null> &
  Record<FlagField, boolean> & { pricePaid: string; mediaPieces: Piece[] };

export type Field = keyof Form;

/** Raised when the form's shape changes, so that a draft of before is not mistaken. */
export const FORM_SHAPE = 1;

const grade = (value: unknown): Grade | null => (isGrade(value) ? value : null);

function pieceOf(json: PieceJson): Piece {
  return {
    ...(json.id ? { id: json.id } : {}),
    kind: (KINDS as readonly string[]).includes(json.kind) ? (json.kind as Kind) : 'OTHER',
    sizeInch: json.sizeInch ?? null,
    speedRpm: json.speedRpm ?? null,
    discGrade: grade(json.discGrade),
    sides: Object.entries(json.sides ?? {}).map(([name, value]) => ({ name, grade: grade(value) })),
    notes: json.notes ?? '',
  };
}

function each<Key extends string, Value>(keys: readonly Key[], value: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, Value>;
}

export function formOf(record: RecordJson, locale: string): Form {
  const form: Form = {
    ...each(TEXTS, (key) => record[key] ?? ''),
    ...each(YEARS, (key) => String(record[key] ?? '')),
    ...each(DAYS, (key) => dayOf(record[key])),
    ...each(GRADED, (key) => grade(record[key])),
    ...each(FLAGS, (key) => record[key] ?? false),
    pricePaid: moneyText(record.pricePaid, locale),
    mediaPieces: piecesOf(record),
  };
  return record.recordGradeDerived ? { ...form, recordGrade: null } : form;
}

/** The pieces of a record in their order, as the form and the drawings have them. */
export const piecesOf = (record: RecordJson): Piece[] => [...(record.mediaPieces ?? [])].sort((a, b) => a.index - b.index).map(pieceOf);

function pieceJson(piece: Piece, at: number): PieceJson {
  return {
    ...(piece.id ? { id: piece.id } : {}),
    index: at + 1,
    kind: piece.kind,
    sizeInch: piece.sizeInch,
    speedRpm: piece.speedRpm,
    discGrade: piece.discGrade,
    sides: Object.fromEntries(piece.sides.map(({ name, grade: value }) => [name.trim().toUpperCase(), value])),
    notes: piece.notes.trim() || null,
  };
}

function includes<Key extends string>(keys: readonly Key[], field: string): field is Key {
  return (keys as readonly string[]).includes(field);
}

/** The value of one field as the server takes it. Only of a form that was found valid. */
function valueOf(form: Form, field: Field, locale: string): unknown {
  if (field === 'mediaPieces') return form.mediaPieces.map(pieceJson);
  if (field === 'barcode') return cleanBarcode(form.barcode) || null;
  if (field === 'pricePaid') {
    const cents = parseMoney(form.pricePaid, locale);
    return cents === null || cents === undefined ? null : amountOf(cents);
  }
  if (includes(YEARS, field)) return parseYear(form[field]) ?? null;
  if (includes(DAYS, field)) return form[field] || null;
  if (includes(TEXTS, field)) return form[field].trim() || null;
  return form[field];
}

/** The fields that changed, as JSON for PATCH; all that are set, for a new record. */
export function patchOf(from: Form, to: Form, locale: string): Record<string, unknown> {
  return Object.fromEntries(changedFields(from, to).map((field) => [field, valueOf(to, field, locale)]));
}

export function emptyForm(): Form {
  return formOf({}, 'en');
}

/** What a record will look like once the server has taken the patch: for showing it before the answer is there. */
export function expected<R extends RecordJson>(record: R, patch: Record<string, unknown>, derived: Grade | null): R {
  const after: R = { ...record, ...patch };
  if (!after.recordGrade || (record.recordGradeDerived && !('recordGrade' in patch)))
    return { ...after, recordGrade: derived, recordGradeDerived: derived !== null };
  return 'recordGrade' in patch ? { ...after, recordGradeDerived: false } : after;
}
