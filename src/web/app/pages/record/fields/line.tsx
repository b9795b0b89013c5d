// SPDX-License-Identifier: MIT
// Fields of one line, of many, of a year and of a day.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/class';
import { Field } from '../../../ui/field';
import { useEditing, useFault } from '../editor-context';
import { today } from '../model/dates';
import type { DayField, TextField, YearField } from '../model/form';

interface LineProps {
  name: TextField | YearField;
  required?: boolean;
  inputMode?: JSX.HTMLAttributes<HTMLInputElement>['inputMode'];
  class?: string;
  hint?: string;
}

export function Line({ name, required, inputMode, class: more, hint }: LineProps) {
  const { form, set, left } = useEditing();
  const { record } = useText();
  return (
    <Field label={record.fields[name]} fault={useFault(name)} hint={hint} required={required} class={more}>
      {(control) => (
        <input {...control} name={name} class="field" type="text" inputMode={inputMode} autocomplete="off" dir="auto" enterkeyhint="next"
          value={form[name]} onInput={(event) => set(name, event.currentTarget.value)} onBlur={() => left(name)} />
      )}
    </Field>
  );
}

export function Year({ name }: { name: YearField }) {
  return <Line name={name} inputMode="numeric" />;
}

export function Lines({ name, rows, class: more }: { name: TextField; rows: number; class?: string }) {
  const { form, set, left } = useEditing();
  const { record } = useText();
  return (
    <Field label={record.fields[name]} fault={useFault(name)} class={more}>
      {(control) => (
        <textarea {...control} name={name} rows={rows} dir="auto" class="field field-sizing-content max-h-96 min-h-24" value={form[name]}
          onInput={(event) => set(name, event.currentTarget.value)} onBlur={() => left(name)} />
      )}
    </Field>
  );
}

export function Day({ name, class: more }: { name: DayField; class?: string }) {
  const { form, set, left } = useEditing();
  const { record } = useText();
  return (
    <Field label={record.fields[name]} fault={useFault(name)} class={more}>
      {(control) => (
        <span class="flex gap-2">
          <input {...control} name={name} class="field" type="date" min="1857-01-01" max="2100-12-31" value={form[name]}
            onInput={(event) => set(name, event.currentTarget.value)} onBlur={() => left(name)} />
          {name === 'purchasedAt' && (
            <button type="button" class="min-h-11 shrink-0 rounded-lg px-3 text-sm font-medium text-accent hover:bg-sunken" onClick={() => set(name, today())}>{record.dates.today}</button>
          )}
        </span>
      )}
    </Field>
  );
}

/** A year, which is what most know; the day for those who know it. A day brings its year along. */
export function Released({ class: more }: { class?: string }) {
  const { form, change, left } = useEditing();
  const { record } = useText();
  const dayFault = useFault('releaseDate');
  const [exact, setExact] = useState(form.releaseDate !== '');
  const chooseDay = (day: string): void => change((before) => {
    const follows = before.releaseYear === '' || before.releaseYear === before.releaseDate.slice(0, 4);
    return { ...before, releaseDate: day, releaseYear: follows && day ? day.slice(0, 4) : before.releaseYear };
  });
  return (
    <div class={classes('flex flex-col gap-1.5', more)}>
      <Year name="releaseYear" />
      {exact || form.releaseDate || dayFault ? (
        <Field label={record.fields.releaseDate} fault={dayFault}>
          {(control) => (
            <input {...control} name="releaseDate" class="field" type="date" min="1857-01-01" max="2100-12-31" value={form.releaseDate}
              onInput={(event) => chooseDay(event.currentTarget.value)} onBlur={() => left('releaseDate')} />
          )}
        </Field>
      ) : null}
      <button type="button" class="min-h-9 self-start rounded-lg text-sm text-accent underline underline-offset-2"
        onClick={() => { if (exact) chooseDay(''); setExact(!exact); }}>
        {exact ? record.dates.yearOnly : record.dates.exact}
      </button>
    </div>
  );
}
