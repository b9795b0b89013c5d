// SPDX-License-Identifier: MIT
// All fields of a record that are set and are not told elsewhere on its page.
import type { ComponentChildren } from 'preact';
import type { VinylRecord } from '../../../api/types';
import { type Messages, useText } from '../../../i18n';
import { ago, date } from '../../../i18n/format';
import { dayOf } from '../model/dates';
import { ENCLOSURES } from '../fields/enclosures';
import { GradeChip } from './grade';
import { Section } from './section';

type Row = readonly [label: string, value: ComponentChildren];

function enclosed(one: VinylRecord, { fields, yes }: Messages['record']): Row[] {
  const kept = ENCLOSURES.filter(([flag, grade]) => one[flag] || one[grade]);
  const rows = kept.map(([flag, grade]): Row => [fields[flag], one[grade] ? <GradeChip grade={one[grade]} /> : yes]);
  return one.isPromo ? [...rows, [fields.isPromo, yes]] : rows;
}

function released(one: VinylRecord, { fields }: Messages['record']): Row[] {
  const rows: (Row | false | null | '')[] = [
    one.releaseDate && [fields.releaseDate, date(one.releaseDate, { dateStyle: 'long' })],
    one.pressingYear !== null && [fields.pressingYear, one.pressingYear],
    one.labelCode && [fields.labelCode, <bdi>{one.labelCode}</bdi>],
    one.barcode && [fields.barcode, <bdi class="tabular-nums">{one.barcode}</bdi>],
    one.discogsReleaseId !== null && ['Discogs', <a class="link" href={`https://www.discogs.com/release/${one.discogsReleaseId}`} target="_blank" rel="noopener noreferrer">{one.discogsReleaseId}</a>],
    one.purchasedAt && one.pricePaid === null && [fields.purchasedAt, date(dayOf(one.purchasedAt), { dateStyle: 'long' })],
  ];
  return rows.filter((row): row is Row => Boolean(row));
}

function Rows({ rows }: { rows: readonly Row[] }) {
  return (
    <dl class="grid gap-x-8 gap-y-3 sm:grid-cols-2">
      {rows.map(([label, value]) => (
        <div key={label} class="flex min-w-0 flex-col">
          <dt class="text-sm text-muted">{label}</dt>
          <dd class="min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Ages({ record: { createdAt, updatedAt } }: { record: VinylRecord }) {
  const { record } = useText();
  return (
    <p class="text-sm text-muted">
      {record.added(ago(createdAt))}
      {updatedAt !== createdAt && ` · ${record.changed(ago(updatedAt))}`}
    </p>
  );
}

export function Details({ record: one }: { record: VinylRecord }) {
  const { record } = useText();
  const release = released(one, record);
  const extras = enclosed(one, record);
  const kept = Object.entries(one.extra ?? {}).map(([key, value]): Row => [key, <bdi class="whitespace-pre-wrap">{String(value)}</bdi>]);
  return (
    <>
      {release.length > 0 && <Section title={record.groups.release}><Rows rows={release} /></Section>}
      {extras.length > 0 && <Section title={record.groups.extras}><Rows rows={extras} /></Section>}
      {kept.length > 0 && <Section title={record.groups.kept}><Rows rows={kept} /></Section>}
    </>
  );
}
