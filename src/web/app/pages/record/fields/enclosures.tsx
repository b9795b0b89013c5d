// SPDX-License-Identifier: MIT
// What comes with a record: ticked, and graded where it is there.
import { useText } from '../../../i18n';
import { useEditing } from '../editor-context';
import type { FlagField, GradeField } from '../model/form';
import { GradePicker } from './grade-picker';

const PAIRS: readonly (readonly [FlagField, GradeField])[] = [
  ['hasInsert', 'insertGrade'],
  ['hasBooklet', 'bookletGrade'],
  ['hasObiStrip', 'obiStripGrade'],
  ['hasFactorySleeve', 'factorySleeveGrade'],
];

export const ENCLOSURES = PAIRS;

function Tick({ name, onChange }: { name: FlagField; onChange: (on: boolean) => void }) {
  const { form } = useEditing();
  const { record } = useText();
  return (
    <label class="flex min-h-11 cursor-pointer items-center gap-3">
      <input type="checkbox" name={name} class="size-5 accent-accent" checked={form[name]} onChange={(event) => onChange(event.currentTarget.checked)} />
      {record.fields[name]}
    </label>
  );
}

export function Enclosures() {
  const { form, set, change } = useEditing();
  const { record } = useText();
  return (
    <ul class="flex flex-col gap-1">
      {PAIRS.map(([flag, grade]) => (
        <li key={flag} class="grid items-center gap-x-4 sm:grid-cols-[14rem_minmax(0,16rem)]">
          <Tick name={flag} onChange={(on) => change((before) => ({ ...before, [flag]: on, [grade]: on ? before[grade] : null }))} />
          {form[flag] && <GradePicker bare label={record.fields[grade]} value={form[grade]} onChange={(value) => set(grade, value)} />}
        </li>
      ))}
      <li><Tick name="isPromo" onChange={(on) => set('isPromo', on)} /></li>
    </ul>
  );
}
