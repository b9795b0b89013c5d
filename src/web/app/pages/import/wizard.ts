// SPDX-License-Identifier: MIT
// The import that is being prepared: kept outside of the page, so that looking at something else loses nothing.
import { call } from '../../api/client';
import { queries } from '../../api/queries';
import { jobKey, jobsKey, type Job } from '../../api/jobs';
import { withColumn } from './constant';
import { guessMapping, missing, remap, type Column, type Mapping } from './guess';
import { beginningOf, firstRows, type Source } from './source';
import { upload } from './upload';

export type Duplicates = 'skip' | 'merge' | 'add';

/** What the server makes of a file's beginning. */
export interface Preview {
  format: 'discogs' | 'recordd' | 'unknown';
  delimiter: string;
  columns: (Column & { field: string | null })[];
  /** All that a column can become, and which of them a record cannot be without. */
  fields: string[];
  required: string[];
}

export interface Draft {
  readonly source: Source;
  readonly preview: Preview;
  readonly rows: readonly (readonly string[])[];
  /** Null: as the server recognised it. */
  readonly mapping: Mapping | null;
  /** The format of all records of a table that has no column for it. */
  readonly format: string;
  readonly duplicates: Duplicates;
}

export interface Sending {
  readonly sent: number;
  readonly of: number;
  readonly dryRun: boolean;
}

export interface Wizard {
  readonly step: 'file' | 'columns' | 'options';
  readonly reading: boolean;
  readonly fault: unknown;
  readonly draft: Draft | null;
  readonly sending: Sending | null;
}

const fresh: Wizard = { step: 'file', reading: false, fault: null, draft: null, sending: null };
let wizard: Wizard = fresh;
let sending: AbortController | null = null;
const watchers = new Set<() => void>();

export const currentWizard = (): Wizard => wizard;

export function watchWizard(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => { watchers.delete(watcher); };
}

function become(change: Partial<Wizard>): void {
  wizard = { ...wizard, ...change };
  for (const watcher of watchers) watcher();
}

const SAMPLE_ROWS = 3;
/** The name of the column that is added for the format of all records. */
const FORMAT_COLUMN = 'recordd format';

/** The file holds no table: no row of names that could be columns. */
export class NoTable extends Error {}

/** What the server recognised, and guesses for the rest. */
function startingMapping({ columns, fields }: Preview): Mapping {
  const known = columns.flatMap(({ name, field }) => (field && fields.includes(field) ? [[name, field] as const] : []));
  const taken = new Map(known);
  const free = fields.filter((field) => !known.some(([, given]) => given === field));
  return { ...guessMapping(columns.filter(({ name }) => !taken.has(name)), free), ...Object.fromEntries(known) };
}

export async function open(read: () => Source | Promise<Source>): Promise<void> {
  become({ ...fresh, reading: true });
  try {
    const source = await read();
    if (source.blob.size === 0) throw new NoTable('empty');
    const { body: preview } = await call<Preview>('POST', '/api/records/import/preview', {
      body: beginningOf(source),
      headers: { 'content-type': 'text/csv' },
    });
    if (preview.columns.length === 0) throw new NoTable();
    const mapping = preview.format === 'unknown' ? startingMapping(preview) : null;
    const rows = await firstRows(source, preview.delimiter, SAMPLE_ROWS);
    become({ step: 'columns', reading: false, draft: { source, preview, rows, mapping, format: 'LP', duplicates: 'skip' } });
  } catch (fault) {
    become({ reading: false, fault });
  }
}

export const startAnew = (): void => become(fresh);
export const goTo = (step: Wizard['step']): void => become({ step, fault: null });

function changeDraft(change: Partial<Draft>): void {
  if (wizard.draft) become({ draft: { ...wizard.draft, ...change } });
}

export const chooseDuplicates = (duplicates: Duplicates): void => changeDraft({ duplicates });
export const chooseFormat = (format: string): void => changeDraft({ format });

export function mapByHand(): void {
  if (wizard.draft) changeDraft({ mapping: startingMapping(wizard.draft.preview) });
}

export const mapAsRecognised = (): void => changeDraft({ mapping: null });

export function mapColumn(column: string, field: string | null | undefined): void {
  if (wizard.draft?.mapping) changeDraft({ mapping: remap(wizard.draft.mapping, column, field) });
}

/** No column gives a format: all records get the same one. */
export const lacksFormat = (draft: Draft): boolean => draft.mapping !== null && missing(draft.mapping, ['format']).length > 0;

/** The needed fields that nothing gives yet. */
export function missingOf(draft: Draft): readonly string[] {
  if (!draft.mapping) return [];
  const given = draft.format.trim() === '' ? [] : ['format'];
  return missing(draft.mapping, draft.preview.required.filter((field) => !given.includes(field)));
}

export function pathOf(draft: Draft, dryRun: boolean): string {
  const query = new URLSearchParams({ onDuplicate: draft.duplicates, dryRun: String(dryRun) });
  const format = lacksFormat(draft) ? { [FORMAT_COLUMN]: 'format' } : {};
  if (draft.mapping) query.set('columns', JSON.stringify({ ...draft.mapping, ...format }));
  else query.set('format', draft.preview.format);
  return `/api/records/import?${query.toString()}`;
}

const blobOf = (draft: Draft): Promise<Blob> =>
  lacksFormat(draft) ? withColumn(draft.source.blob, draft.preview.delimiter, FORMAT_COLUMN, draft.format.trim()) : Promise.resolve(draft.source.blob);

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Sends the file; the job that takes it over, or null when that was cancelled or failed (then `fault` tells). */
export async function send(dryRun: boolean): Promise<Job | null> {
  const { draft } = wizard;
  if (!draft || sending) return null;
  const own = (sending = new AbortController());
  become({ sending: { sent: 0, of: draft.source.blob.size, dryRun }, fault: null });
  addEventListener('beforeunload', warn);
  try {
    const job = await upload<Job>({
      path: pathOf(draft, dryRun),
      blob: await blobOf(draft),
      sent: (sent, of) => become({ sending: { sent, of, dryRun } }),
      signal: own.signal,
    });
    queries.setQueryData(jobKey(job.id), job);
    void queries.invalidateQueries({ queryKey: jobsKey, exact: true });
    if (!dryRun) become(fresh); // after a check the same file can be imported for good
    return job;
  } catch (fault) {
    if (!own.signal.aborted) become({ fault });
    return null;
  } finally {
    removeEventListener('beforeunload', warn);
    sending = null;
    become({ sending: null });
  }
}

export const cancelSending = (): void => sending?.abort(new DOMException('cancelled', 'AbortError'));
