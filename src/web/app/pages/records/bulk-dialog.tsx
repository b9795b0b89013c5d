// SPDX-License-Identifier: MIT
// One change for everything that is selected: each field is left alone unless something is chosen for it.
import { useState } from 'preact/hooks';
import { grades } from '../../api/types';
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Fault } from '../../ui/field';
import { BULK_FIELDS, type BulkField, type BulkName, type BulkValue, type Changes, type How } from './bulk';

type Draft = Partial<Record<BulkName, { how: How; text: string }>>;

/** What was typed, as the API takes it; undefined: it is no value of that kind. */
function valueOf({ kind }: BulkField, typed: string): BulkValue | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  if (kind === 'flag') return text === 'yes';
  if (kind === 'year') return /^\d{4}$/.test(text) && +text >= 1857 && +text <= 2100 ? +text : undefined;
  if (kind === 'money') return /^\d{1,10}(?:[.,]\d{1,2})?$/.test(text) ? Number(text.replace(',', '.')) : undefined;
  return kind === 'lines' ? typed.trimEnd() : text;
}

function changesOf(draft: Draft): { changes: Changes; faults: BulkName[] } {
  const changes: Partial<Record<BulkName, Changes[BulkName]>> = {};
  const faults: BulkName[] = [];
  for (const field of BULK_FIELDS) {
    const entry = draft[field.name];
    if (!entry) continue;
    const value = entry.how === 'clear' ? null : valueOf(field, entry.text);
    if (value === undefined) faults.push(field.name);
    else changes[field.name] = { how: entry.how, value };
  }
  return { changes, faults };
}

interface ValueProps { field: BulkField; name: string; value: string; fault: boolean; describedBy: string; onValue: (value: string) => void }

function Value({ field, name, value, fault, describedBy, onValue }: ValueProps) {
  const { records } = useText();
  const shared = { class: 'field', value, 'aria-label': records.bulk.value(name), 'aria-invalid': fault || undefined, 'aria-describedby': fault ? describedBy : undefined };
  const onInput = (event: { currentTarget: { value: string } }) => { onValue(event.currentTarget.value); };
  switch (field.kind) {
    case 'grade': return <select {...shared} onInput={onInput}><option value="" />{grades.map((grade) => <option key={grade}>{grade}</option>)}</select>;
    case 'flag': return <select {...shared} onInput={onInput}><option value="" /><option value="yes">{records.bulk.yes}</option><option value="no">{records.bulk.no}</option></select>;
    case 'lines': return <textarea {...shared} rows={2} maxLength={10_000} onInput={onInput} />;
    case 'date': return <input {...shared} type="date" onInput={onInput} />;
    case 'money': case 'year': return <input {...shared} inputMode="decimal" autocomplete="off" onInput={onInput} />;
    case 'text': return <input {...shared} maxLength={field.name === 'format' ? 64 : 128} autocomplete="off" onInput={onInput} />;
  }
}

interface Props { count: number; onClose: () => void; onApply: (changes: Changes) => void }

export function BulkDialog({ count, onClose, onApply }: Props) {
  const { records, shell } = useText();
  const [draft, setDraft] = useState<Draft>({});
  const [faults, setFaults] = useState<readonly BulkName[]>([]);
  const set = (name: BulkName, entry: Draft[BulkName]) => {
    setDraft({ ...draft, [name]: entry });
    setFaults(faults.filter((each) => each !== name));
  };
  const apply = () => {
    const { changes, faults: found } = changesOf(draft);
    setFaults(found);
    if (found.length === 0) onApply(changes);
  };
  const isChange = BULK_FIELDS.some(({ name }) => draft[name]);
  return (
    <Dialog title={records.bulk.title(count)} onClose={onClose}
      actions={<><Button look="quiet" onClick={onClose}>{shell.cancel}</Button><Button look="main" disabled={!isChange} onClick={apply}>{records.bulk.apply(count)}</Button></>}>
      <p class="mb-4 text-sm text-muted">{records.bulk.hint}</p>
      <div class="flex flex-col gap-2.5">
        {BULK_FIELDS.map((field) => {
          const name = records.bulk.fields[field.name];
          const entry = draft[field.name];
          const fault = faults.includes(field.name);
          const id = `bulk-${field.name}`;
          return (
            <div key={field.name} class="grid grid-cols-[6.5rem_minmax(0,1fr)] items-start gap-x-3 gap-y-1.5 sm:grid-cols-[7rem_11rem_minmax(0,1fr)]">
              <span class="py-2.5 text-sm font-medium hyphens-auto">{name}</span>
              <select class="field" aria-label={records.bulk.how(name)} value={entry?.how ?? ''}
                onInput={(event) => { const how = event.currentTarget.value as How | ''; set(field.name, how === '' ? undefined : { how, text: entry?.text ?? '' }); }}>
                <option value="">{records.bulk.leave}</option>
                {field.hows.map((how) => <option key={how} value={how}>{records.bulk.hows[how]}</option>)}
              </select>
              {entry && entry.how !== 'clear' && (
                <div class="max-sm:col-start-2">
                  <Value field={field} name={name} value={entry.text} fault={fault} describedBy={id} onValue={(text) => { set(field.name, { ...entry, text }); }} />
                  <Fault id={id} text={fault ? (field.kind === 'year' ? records.bulk.year : records.bulk.needed) : undefined} />
                </div>
              )}
            </div>
          );
        })}
      </div>
    </Dialog>
  );
}
