// SPDX-License-Identifier: MIT
// What of a record is kept on the device, and its one-line form: fields between tabs, rows between line feeds.

/** A record as the device knows it; absent texts are empty. */
export interface KeptRecord {
  id: string;
  artist: string;
  name: string;
  format: string;
  catalogNumber: string;
  label: string;
  year: string;
  recordGrade: string;
  sleeveGrade: string;
  barcode: string;
  cover: string;
  pricePaid: string;
}

/** One element of what `GET /api/records/changes` answers. */
export interface Change {
  version: number;
  id: string;
  deleted: boolean;
  record: Record<string, unknown> | null;
}

export const keptFields = [
  'id',
  'artist',
  'name',
  'format',
  'catalogNumber',
  'label',
  'year',
  'recordGrade',
  'sleeveGrade',
  'barcode',
  'cover',
  'pricePaid',
] as const satisfies readonly (keyof KeptRecord)[];

function flat(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.replace(/[\t\n\r]+/g, ' ') : '';
}

/** The line of a record that the server sent. */
export function lineOf(record: Record<string, unknown>): string {
  return keptFields
    .map((field) => flat(field === 'year' ? (record.releaseYear ?? record.pressingYear) : record[field]))
    .join('\t');
}

export function keptOf(line: string): KeptRecord {
  const values = line.split('\t');
  return Object.fromEntries(keptFields.map((field, i) => [field, values[i] ?? ''])) as unknown as KeptRecord;
}

/** The digits of a barcode, without the zeros that lead: a UPC is an EAN with one before it. */
export function barcodeKey(text: string): string {
  return text.replace(/\D/g, '').replace(/^0+/, '');
}
