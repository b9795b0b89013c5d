// SPDX-License-Identifier: MIT
// One change for many records: which fields, how, and the operations that make it so.
import type { Operation } from './batch';

/** set: to a value; clear: to nothing; fill: where it is empty; append: behind what is there, on a line of its own. */
export type How = 'set' | 'clear' | 'fill' | 'append';

export interface BulkField {
  readonly name: 'format' | 'label' | 'recordGrade' | 'sleeveGrade' | 'pricePaid' | 'purchasedAt' | 'releaseYear' | 'notes' | 'isPromo';
  readonly kind: 'text' | 'grade' | 'money' | 'date' | 'year' | 'lines' | 'flag';
  readonly hows: readonly How[];
}

/** In the order of the dialog. */
export const BULK_FIELDS: readonly BulkField[] = [
  { name: 'format', kind: 'text', hows: ['set'] },
  { name: 'label', kind: 'text', hows: ['set', 'fill', 'clear'] },
  { name: 'recordGrade', kind: 'grade', hows: ['set', 'fill', 'clear'] },
  { name: 'sleeveGrade', kind: 'grade', hows: ['set', 'fill', 'clear'] },
  { name: 'pricePaid', kind: 'money', hows: ['set', 'fill', 'clear'] },
  { name: 'purchasedAt', kind: 'date', hows: ['set', 'fill', 'clear'] },
  { name: 'releaseYear', kind: 'year', hows: ['set', 'fill', 'clear'] },
  { name: 'isPromo', kind: 'flag', hows: ['set'] },
  { name: 'notes', kind: 'lines', hows: ['append', 'set', 'fill', 'clear'] },
];

export type BulkName = BulkField['name'];
export type BulkValue = string | number | boolean;

export interface Change {
  readonly how: How;
  /** Nothing for `clear`. */
  readonly value: BulkValue | null;
}

export type Changes = Readonly<Partial<Record<BulkName, Change>>>;

/** What is needed of a record. */
export type Changeable = { readonly id: string; readonly version: number } & Readonly<Partial<Record<BulkName, BulkValue | null>>>;

const MAX_NOTES = 10_000;

function isBlank(value: BulkValue | null | undefined): boolean {
  return value === null || value === undefined || value === '';
}

/** Whether the new value depends on the one that is there, so that it must still be there. */
function depends(how: How): boolean {
  return how === 'fill' || how === 'append';
}

function valueAfter(change: Change, now: BulkValue | null | undefined): BulkValue | null | undefined {
  switch (change.how) {
    case 'clear': return null;
    case 'fill': return isBlank(now) ? change.value : undefined;
    case 'append': return isBlank(now) ? change.value : `${String(now)}\n${String(change.value)}`.slice(0, MAX_NOTES);
    case 'set': return change.value;
  }
}

/** What a record's fields become; those that stay as they are are not in it. */
export function setOf(changes: Changes, record: Changeable): Partial<Record<BulkName, BulkValue | null>> {
  const set: Partial<Record<BulkName, BulkValue | null>> = {};
  for (const [name, change] of Object.entries(changes) as [BulkName, Change][]) {
    const now = record[name];
    const next = valueAfter(change, now);
    if (next === undefined || next === now || (isBlank(next) && isBlank(now))) continue;
    set[name] = next;
  }
  return set;
}

/** The operations for these records; none for a record that already is so. */
export function operationsOf(changes: Changes, records: readonly Changeable[]): Operation[] {
  const sensitive = Object.values(changes).some((change) => depends(change.how));
  return records.flatMap((record): Operation[] => {
    const set = setOf(changes, record);
    if (Object.keys(set).length === 0) return [];
    return [{ op: 'update', id: record.id, set, ...(sensitive ? { version: record.version } : {}) }];
  });
}
