// SPDX-License-Identifier: MIT
// Two people changed one record: both versions field by field, a choice for each, and one to save.
import { useState } from 'preact/hooks';
import { useText, type Messages } from '../../../i18n';
import { currency, date, formatLocale, money } from '../../../i18n/format';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { DAYS, type Field, type Form } from '../model/form';
import { type Piece } from '../model/media';
import { type Merged, resolve } from '../model/merge';
import { amountOf, parseMoney } from '../model/money';

interface Props {
  base: Form;
  theirs: Form;
  merged: Merged<Form>;
  onSave: (form: Form) => void;
  onClose: () => void;
}

function pieceText({ kind, discGrade, sides }: Piece, { pieces }: Messages['record']): string {
  const graded = sides.map(({ name, grade }) => `${name} ${grade ?? '–'}`);
  return [pieces.kinds[kind], discGrade, ...graded].filter(Boolean).join(' ');
}

/** What a field holds, in words. */
export function valueText(form: Form, field: Field, texts: Messages['record']): string {
  const value = form[field];
  if (field === 'mediaPieces') return form.mediaPieces.map((piece) => pieceText(piece, texts)).join('; ') || texts.conflict.empty;
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  if (value === null || value === '') return texts.conflict.empty;
  if (field === 'pricePaid') {
    const cents = parseMoney(form.pricePaid, formatLocale());
    return typeof cents === 'number' ? money(amountOf(cents), { currency: currency() }) : form.pricePaid;
  }
  if ((DAYS as readonly string[]).includes(field)) return date(String(value), { dateStyle: 'long' });
  return String(value);
}

function Side({ field, side, label, text, checked, onChoose }: { field: Field; side: string; label: string; text: string; checked: boolean; onChoose: () => void }) {
  return (
    <label class="flex min-h-11 min-w-0 cursor-pointer items-start gap-3 rounded-lg border border-line p-3 has-checked:border-accent has-checked:bg-accent-soft">
      <input type="radio" name={`conflict-${field}`} value={side} checked={checked} onChange={onChoose} class="mt-1 size-4 shrink-0 accent-accent" />
      <span class="min-w-0">
        <span class="block text-sm text-muted">{label}</span>
        <bdi class="block max-h-40 overflow-y-auto whitespace-pre-wrap">{text}</bdi>
      </span>
    </label>
  );
}

export function ConflictDialog({ base, theirs, merged, onSave, onClose }: Props) {
  const { record } = useText();
  const [chosen, setChosen] = useState<ReadonlySet<Field>>(new Set());
  const choose = (field: Field, other: boolean): void => {
    const next = new Set(chosen);
    if (other) next.add(field);
    else next.delete(field);
    setChosen(next);
  };
  const { conflict, fields } = record;
  const actions = (
    <>
      <Button onClick={onClose}>{conflict.back}</Button>
      <Button look="main" onClick={() => onSave(resolve(merged, theirs, chosen))}>{conflict.save}</Button>
    </>
  );
  const taken = new Intl.ListFormat(formatLocale()).format(merged.taken.map((field) => fields[field]));
  return (
    <Dialog wide title={conflict.title} onClose={onClose} actions={actions}>
      <p class="mb-3">{conflict.why}</p>
      <div class="mb-4 flex gap-2">
        <Button small onClick={() => setChosen(new Set())}>{conflict.allMine}</Button>
        <Button small onClick={() => setChosen(new Set(merged.conflicts))}>{conflict.allTheirs}</Button>
      </div>
      <div class="flex flex-col gap-5">
        {merged.conflicts.map((field) => (
          <fieldset key={field}>
            <legend class="mb-1 font-medium">{fields[field]}</legend>
            <div class="grid gap-2 sm:grid-cols-2">
              <Side field={field} side="mine" label={conflict.mine} text={valueText(merged.form, field, record)} checked={!chosen.has(field)} onChoose={() => choose(field, false)} />
              <Side field={field} side="theirs" label={conflict.theirs} text={valueText(theirs, field, record)} checked={chosen.has(field)} onChoose={() => choose(field, true)} />
            </div>
            <p class="mt-1 text-sm text-muted">{conflict.before(valueText(base, field, record))}</p>
          </fieldset>
        ))}
      </div>
      {merged.taken.length > 0 && <p class="mt-5 text-sm text-muted">{conflict.taken(taken)}</p>}
    </Dialog>
  );
}
