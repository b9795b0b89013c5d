// SPDX-License-Identifier: MIT
// The second step: what the file's columns become.
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Icon } from '../../ui/icon';
import { useWatched } from '../../base/watch';
import type { Mapping } from './guess';
import { SampleRecords } from './sample-records';
import { chooseFormat, currentWizard, goTo, lacksFormat, mapAsRecognised, mapByHand, mapColumn, missingOf, startAnew, watchWizard, type Draft } from './wizard';
import { size } from './words';

/** The file and what it is taken for. */
function Recognised({ draft }: { draft: Draft }) {
  const { importing } = useText();
  const { preview, source, mapping } = draft;
  const names = { discogs: importing.formatDiscogs, recordd: importing.formatRecordd, unknown: importing.formatUnknown };
  const sure = !mapping;
  return (
    <div class={`mb-5 flex flex-wrap items-start gap-x-4 gap-y-3 rounded-xl p-4 ${sure ? 'bg-good-soft' : 'bg-warn-soft'}`}>
      <Icon name={sure ? 'check' : 'info'} size={24} class={`mt-0.5 ${sure ? 'text-good' : 'text-warn'}`} />
      <div class="min-w-0 grow basis-56">
        <h2 class="font-title text-lg font-semibold">{mapping && preview.format !== 'unknown' ? importing.formatMapped : names[preview.format]}</h2>
        <p>{sure ? importing.recognised : importing.guessed}</p>
        <p class="mt-1 text-sm text-muted">
          <bdi>{source.name}</bdi> · {size(source.blob.size)} · {importing.columns(preview.columns.length, number(preview.columns.length))}
          {source.converted && <> · {importing.converted(source.converted)}</>}
        </p>
      </div>
      <div class="flex flex-wrap gap-2">
        {preview.format !== 'unknown' && (sure
          ? <Button small onClick={mapByHand}>{importing.byHand}</Button>
          : <Button small onClick={mapAsRecognised}>{importing.asRecognised}</Button>)}
        <Button small onClick={startAnew}>{importing.otherFile}</Button>
      </div>
    </div>
  );
}

const LEFT_OUT = '-';
const chosen = (value: string): string | null | undefined => (value === LEFT_OUT ? null : value || undefined);

function FieldChoice({ column, fields, mapping }: { column: string; fields: readonly string[]; mapping: Mapping }) {
  const { importing } = useText();
  return (
    <select class="field" aria-label={importing.fieldOf(column)} value={mapping[column] === null ? LEFT_OUT : (mapping[column] ?? '')} onChange={(event) => mapColumn(column, chosen(event.currentTarget.value))}>
      <option value="">{importing.keptAside}</option>
      <option value={LEFT_OUT}>{importing.ignored}</option>
      {fields.map((field) => <option key={field} value={field}>{importing.fields[field] ?? field}</option>)}
    </select>
  );
}

function Samples({ samples }: { samples: readonly string[] }) {
  const { importing } = useText();
  const shown = samples.filter((sample) => sample.trim() !== '');
  if (shown.length === 0) return <span class="text-sm text-muted">{importing.noSamples}</span>;
  return <p class="truncate text-sm text-muted">{shown.map((sample, at) => <span key={at}>{at > 0 && ' · '}<bdi>{sample}</bdi></span>)}</p>;
}

function Mapped({ draft: { preview, mapping } }: { draft: Draft }) {
  const { importing } = useText();
  return (
    <div role="table" aria-label={importing.stepColumns} class="overflow-hidden rounded-xl border border-line">
      <div role="row" class="hidden gap-4 border-b border-line bg-sunken px-4 py-2 text-sm font-medium text-muted md:grid md:grid-cols-3">
        <span role="columnheader">{importing.column}</span><span role="columnheader">{importing.samples}</span><span role="columnheader">{importing.field}</span>
      </div>
      {preview.columns.map((column) => (
        <div role="row" key={column.name} class="grid gap-x-4 gap-y-1 border-b border-line px-4 py-3 last:border-b-0 md:grid-cols-3 md:items-center">
          <div role="cell" class="min-w-0 font-medium"><bdi>{column.name}</bdi></div>
          <div role="cell" class="min-w-0"><Samples samples={column.samples} /></div>
          <div role="cell" class="min-w-0">
            {mapping ? <FieldChoice column={column.name} fields={preview.fields} mapping={mapping} />
              : column.field ? <span class="inline-flex items-center gap-2"><Icon name="check" size={18} class="text-good" />{importing.fields[column.field] ?? column.field}</span>
                : <span class="text-muted">{importing.keptAside}</span>}
          </div>
        </div>
      ))}
    </div>
  );
}

/** Where nothing is to be set, the columns are there for those who want to see them. */
function Known({ draft }: { draft: Draft }) {
  const { importing } = useText();
  const n = draft.preview.columns.length;
  return (
    <details class="group">
      <summary class="mb-2 inline-flex min-h-11 list-none items-center gap-2 rounded-lg pe-3 font-medium">
        <Icon name="chevron" size={18} class="transition-transform group-open:rotate-90 rtl:group-open:-rotate-90" />
        {importing.columns(n, number(n))}
      </summary>
      <Mapped draft={draft} />
    </details>
  );
}

/** Most tables of vinyl have no column that says so. */
function FormatOfAll({ format }: { format: string }) {
  const { importing } = useText();
  return (
    <div class="mt-4 max-w-sm">
      <Field label={importing.formatOfAll} hint={importing.formatOfAllHint}>
        {(control) => <input {...control} list="import-formats" maxLength={64} class="field" value={format} onInput={(event) => chooseFormat(event.currentTarget.value)} />}
      </Field>
      <datalist id="import-formats">{['LP', '12"', '10"', '7"', 'EP', 'CD', 'Cassette'].map((name) => <option key={name} value={name} />)}</datalist>
    </div>
  );
}

export function Columns() {
  const { importing, shell } = useText();
  const { draft } = useWatched(watchWizard, currentWizard);
  if (!draft) return null;
  const lacking = missingOf(draft).map((field) => importing.fields[field] ?? field);
  return (
    <div>
      <Recognised draft={draft} />
      <SampleRecords draft={draft} />
      {draft.mapping ? <Mapped draft={draft} /> : <Known draft={draft} />}
      {lacksFormat(draft) && <FormatOfAll format={draft.format} />}
      <div class="mt-5 flex flex-wrap items-center gap-3 border-t border-line pt-4">
        <Button icon="back" onClick={startAnew}>{shell.back}</Button>
        <p role="status" class="grow text-sm text-bad">{lacking.length > 0 && importing.missing(lacking.join(importing.and))}</p>
        <Button look="main" data-step="next" disabled={lacking.length > 0} onClick={() => goTo('options')}>{importing.next}</Button>
      </div>
    </div>
  );
}
