// SPDX-License-Identifier: MIT
// What a record is like and what it cost, at a glance.
import type { ComponentChildren } from 'preact';
import type { Grade, VinylRecord } from '../../../api/types';
import { useText } from '../../../i18n';
import { date, money } from '../../../i18n/format';
import { dayOf } from '../model/dates';
import { gradeStem } from '../model/grades';
import type { Piece } from '../model/media';
import { GradeChip, GradeReason } from './grade';

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="flex min-w-0 flex-col gap-1">
      <dt class="text-sm text-muted">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Graded({ grade }: { grade: Grade | null }) {
  const { record: { grades } } = useText();
  if (!grade) return <span class="text-muted">{grades.none}</span>;
  return <span class="flex items-center gap-2.5"><GradeChip grade={grade} large /><span>{grades.names[gradeStem(grade)]}</span></span>;
}

export function Condition({ record: one, pieces }: { record: VinylRecord; pieces: readonly Piece[] }) {
  const { record } = useText();
  return (
    <div class="card flex flex-col gap-3 p-4 sm:p-5">
      <dl class="flex flex-wrap gap-x-10 gap-y-4">
      <Fact label={record.fields.recordGrade}>
        <Graded grade={one.recordGrade} />
      </Fact>
      <Fact label={record.fields.sleeveGrade}><Graded grade={one.sleeveGrade} /></Fact>
      {one.pricePaid !== null && (
        <Fact label={record.fields.pricePaid}>
          <span class="font-title text-2xl font-semibold tabular-nums">{money(one.pricePaid)}</span>
          {one.purchasedAt && <span class="block text-sm text-muted">{date(dayOf(one.purchasedAt))}</span>}
        </Fact>
      )}
      </dl>
      <GradeReason grade={one.recordGrade} derives={one.recordGradeDerived} pieces={pieces} />
    </div>
  );
}
