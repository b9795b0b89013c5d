// SPDX-License-Identifier: MIT
// The collection in memory for searching without a network: long texts that are scanned, a line for each record.
import { isUnspaced, spellings } from './fold';
import { barcodeKey, keptOf, type KeptRecord } from './kept';

/** Rows that came together. Never changes but for rows that die when a later run has the record, or it is deleted. */
interface Run {
  first: number; // number of its first row among all
  lines: string[];
  haystack: string; // per row: line feed, then each word with a blank before it
  starts: Uint32Array; // where each row's part of the haystack begins
  dead: Uint8Array;
}

export interface Found {
  records: KeptRecord[];
  total: number;
}

interface Wanted {
  needles: string[]; // all of these, or
  joined: string; // this one
}

const RANKED_AT_MOST = 3000;

function wordsOf(fields: string[]): string[] {
  const [, artist = '', name = '', , catalogNumber = '', label = '', year = '', , , barcode = ''] = fields;
  const words: string[] = [];
  for (const text of [artist, name, label, year])
    for (const { parts, joined } of spellings(text)) {
      words.push(...parts);
      if (parts.length > 1) words.push(joined);
    }
  const catalog = spellings(catalogNumber);
  words.push(...catalog.flatMap((word) => word.parts));
  if (catalog.length > 1 || (catalog[0]?.parts.length ?? 0) > 1) words.push(catalog.map((word) => word.joined).join(''));
  if (barcode) words.push(barcodeKey(barcode));
  return words;
}

function runOf(lines: string[], first: number): Run {
  const starts = new Uint32Array(lines.length);
  const parts: string[] = [];
  let at = 0;
  lines.forEach((line, i) => {
    const part = `\n ${wordsOf(line.split('\t')).join(' ')} `;
    starts[i] = at;
    at += part.length;
    parts.push(part);
  });
  return { first, lines, haystack: parts.join(''), starts, dead: new Uint8Array(lines.length) };
}

function rowAt(run: Run, position: number): number {
  let low = 0;
  let high = run.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((run.starts[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

function needle(word: string): string {
  return isUnspaced(word) ? word : ` ${word}`;
}

function wantedOf(query: string): Wanted[] {
  return spellings(query).map(({ parts, joined }) => ({ needles: parts.map(needle), joined: needle(joined) }));
}

function has(text: string, wanted: Wanted): boolean {
  return text.includes(wanted.joined) || wanted.needles.every((part) => text.includes(part));
}

function plain(text: string): string {
  return spellings(text)
    .map((word) => word.joined)
    .join(' ');
}

/** How well a record answers: its name or artist whole, then their beginnings, then whole words. */
function scoreOf(record: KeptRecord, asked: string, haystack: string, wanted: Wanted[]): number {
  const artist = plain(record.artist);
  const name = plain(record.name);
  const both = `${artist} ${name}`;
  const whole = wanted.filter((word) => haystack.includes(`${word.joined} `)).length;
  const exact = both === asked ? 16 : name === asked ? 12 : artist === asked ? 10 : 0;
  const begins = both.startsWith(asked) ? 5 : name.startsWith(asked) ? 4 : 0;
  return exact + begins + whole;
}

export class Shelf {
  private runs: Run[] = [];
  private rowOfId = new Map<string, number>();
  private rows = 0;

  /** How many records it holds. */
  get count(): number {
    return this.rowOfId.size;
  }

  /** How many of the lines that were added are of no use any more. */
  get waste(): number {
    return this.rows - this.rowOfId.size;
  }

  /** A later line of a record takes the place of an earlier one. */
  add(lines: string[]): void {
    if (!lines.length) return;
    const run = runOf(lines, this.rows);
    this.runs.push(run);
    this.rows += lines.length;
    lines.forEach((line, i) => {
      const id = line.slice(0, line.indexOf('\t'));
      this.remove(id);
      this.rowOfId.set(id, run.first + i);
    });
  }

  remove(id: string): void {
    const row = this.rowOfId.get(id);
    if (row === undefined) return;
    const run = this.runOfRow(row);
    run.dead[row - run.first] = 1;
    this.rowOfId.delete(id);
  }

  clear(): void {
    this.runs = [];
    this.rowOfId.clear();
    this.rows = 0;
  }

  /** All living lines, in the order in which they came. */
  *lines(): Generator<string> {
    for (const run of this.runs) for (let i = 0; i < run.lines.length; i++) if (!run.dead[i]) yield run.lines[i] ?? '';
  }

  /** The records in which each word of the query begins a word, best first. */
  search(query: string, limit: number): Found {
    const wanted = wantedOf(query);
    const asked = plain(query);
    const ranked: { record: KeptRecord; score: number }[] = [];
    let total = 0;
    if (!wanted.length) return { records: [], total };
    // What is longest is rarest: it is scanned for, the others are looked up in the lines that it is in.
    wanted.sort((a, b) => b.joined.length - a.joined.length);
    for (const { line, haystack } of this.matches(wanted)) {
      total++;
      if (ranked.length < RANKED_AT_MOST) {
        const record = keptOf(line);
        ranked.push({ record, score: scoreOf(record, asked, haystack, wanted) });
      }
    }
    ranked.sort((a, b) => b.score - a.score || compare(a.record, b.record));
    return { records: ranked.slice(0, limit).map((one) => one.record), total };
  }

  /** The records with that barcode, whether it was written as UPC or EAN. */
  withBarcode(text: string): KeptRecord[] {
    const key = barcodeKey(text);
    if (key.length < 6) return [];
    const found: KeptRecord[] = [];
    for (const { line } of this.matches([{ needles: [` ${key} `], joined: ` ${key} ` }])) {
      const record = keptOf(line);
      if (barcodeKey(record.barcode) === key) found.push(record);
    }
    return found.sort(compare);
  }

  private runOfRow(row: number): Run {
    let low = 0;
    let high = this.runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.runs[middle]?.first ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    const run = this.runs[low];
    if (!run) throw new Error('a row of no run');
    return run;
  }

  private *matches(wanted: Wanted[]): Generator<{ line: string; haystack: string }> {
    const [first, ...others] = wanted;
    if (!first) return;
    // A word with signs in it matches joined or in parts; only a plain one can be scanned for.
    const scanned = first.needles.length === 1 ? first.joined : '';
    for (const run of this.runs) {
      let at = scanned ? run.haystack.indexOf(scanned) : 0;
      while (at >= 0 && at < run.haystack.length) {
        const row = rowAt(run, at);
        const end = run.starts[row + 1] ?? run.haystack.length;
        const haystack = run.haystack.slice(run.starts[row], end);
        if (!run.dead[row] && (scanned || has(haystack, first)) && others.every((word) => has(haystack, word)))
          yield { line: run.lines[row] ?? '', haystack };
        at = scanned ? run.haystack.indexOf(scanned, end) : end;
      }
    }
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

function compare(a: KeptRecord, b: KeptRecord): number {
  return collator.compare(a.artist, b.artist) || collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}
