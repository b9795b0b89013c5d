// SPDX-License-Identifier: MIT
// All fields of a record: the six that most have first, the grades with their discs, and the rest to unfold.
import { useText } from '../../i18n';
import { useEditing } from './editor-context';
import { Barcode, ScanButton } from './fields/barcode';
import { Combobox } from './fields/combobox';
import { ENCLOSURES, Enclosures } from './fields/enclosures';
import { GradePicker } from './fields/grade-picker';
import { Day, Line, Lines, Released, Year } from './fields/line';
import { PiecesEditor } from './fields/pieces-editor';
import { Price } from './fields/price';
import { deriveGrade } from './model/media';
import { GradeReason } from './parts/grade';
import { Group, Unfolding } from './parts/group';

const columns = 'grid gap-x-4 gap-y-4 sm:grid-cols-2';
const ENCLOSED = [...ENCLOSURES.flat(), 'isPromo'] as const;

function Common() {
  const { record } = useText();
  return (
    <Group title={record.groups.common} action={<ScanButton wide />}>
      <div class={columns}>
        <Combobox name="artist" source="artist" required />
        <Line name="name" required />
        <Combobox name="format" source="formats" required />
        <Combobox name="label" source="label" />
        <Line name="catalogNumber" />
        <Released />
      </div>
    </Group>
  );
}

function Condition() {
  const { form, set } = useEditing();
  const { record } = useText();
  const derived = deriveGrade(form.mediaPieces);
  return (
    <Group title={record.groups.condition}>
      <div class={columns}>
        <div class="flex flex-col gap-1.5">
          <GradePicker label={record.fields.recordGrade} value={form.recordGrade} onChange={(grade) => set('recordGrade', grade)}
            none={derived ? record.grades.derivedPlaceholder(derived.grade) : undefined} />
          <GradeReason grade={form.recordGrade} derives={form.recordGrade === null} pieces={form.mediaPieces} />
        </div>
        <GradePicker label={record.fields.sleeveGrade} value={form.sleeveGrade} onChange={(grade) => set('sleeveGrade', grade)} />
      </div>
    </Group>
  );
}

export function EditorFields() {
  const { record: { groups } } = useText();
  return (
    <>
      <Common />
      <Condition />
      <Unfolding title={groups.pieces} fields={['mediaPieces']}><PiecesEditor /></Unfolding>
      <Unfolding title={groups.release} fields={['barcode', 'labelCode', 'pressingYear']}>
        <div class={columns}>
          <Barcode class="sm:col-span-2" />
          <Line name="labelCode" />
          <Year name="pressingYear" />
        </div>
      </Unfolding>
      <Unfolding title={groups.purchase} fields={['purchasedAt', 'pricePaid']}>
        <div class={columns}>
          <Price />
          <Day name="purchasedAt" />
        </div>
      </Unfolding>
      <Unfolding title={groups.extras} fields={ENCLOSED}><Enclosures /></Unfolding>
      <Unfolding title={groups.notes} fields={['notes']}><Lines name="notes" rows={4} /></Unfolding>
    </>
  );
}
