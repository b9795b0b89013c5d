// SPDX-License-Identifier: MIT
// The first rows as the records that they will become, so that one sees at a glance whether the columns are right.
import { useText } from '../../i18n';
import { Cover } from '../../ui/cover';
import { lacksFormat, type Draft } from './wizard';

const shown = ['artist', 'name', 'format', 'label', 'catalogNumber', 'releaseYear', 'recordGrade'] as const;
type Shown = (typeof shown)[number];

type Sample = Partial<Record<Shown, string>>;

const isShown = (field: string | null | undefined): field is Shown => shown.some((name) => name === field);

/** Each of the first rows, by field. */
export function sampleRecords(draft: Draft): Sample[] {
  const fields = draft.preview.columns.map(({ name, field }) => (draft.mapping ? draft.mapping[name] : field));
  const records = draft.rows.map((row) => {
    const record: Sample = lacksFormat(draft) ? { format: draft.format } : {};
    row.forEach((cell, at) => {
      const field = fields[at];
      if (isShown(field) && cell.trim() !== '') record[field] = cell.trim();
    });
    return record;
  });
  return records.filter((record) => record.artist ?? record.name);
}

export function SampleRecords({ draft }: { draft: Draft }) {
  const { importing } = useText();
  const records = sampleRecords(draft);
  if (records.length === 0) return null;
  return (
    <section class="mb-5">
      <h3 class="mb-2 text-sm font-medium text-muted">{importing.sampleRecords}</h3>
      <ul class="grid gap-3 md:grid-cols-3">
        {records.map((record, at) => (
          <li key={at} class="flex items-center gap-3 rounded-xl border border-line p-3">
            <span class="size-14 shrink-0 overflow-hidden rounded-lg"><Cover record={{ artist: record.artist ?? '', name: record.name ?? '' }} /></span>
            <div class="min-w-0">
              <p dir="auto" class="truncate font-semibold">{record.name ?? importing.unnamed}</p>
              <p dir="auto" class="truncate text-sm">{record.artist}</p>
              <p dir="auto" class="truncate text-sm text-muted">{[record.format, record.label, record.catalogNumber, record.releaseYear, record.recordGrade].filter(Boolean).join(' · ')}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
