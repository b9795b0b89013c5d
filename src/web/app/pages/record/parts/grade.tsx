// SPDX-License-Identifier: MIT
// A grade in its colour, and why it is what it is.
import type { Grade } from '../../../api/types';
import { type Messages, useText } from '../../../i18n';
import { formatLocale } from '../../../i18n/format';
import { classes } from '../../../ui/class';
import { gradeBand, gradeStem } from '../model/grades';
import { type Derived, type Piece, deriveGrade } from '../model/media';

const tones = {
  1: 'text-grade-1 bg-grade-1/12',
  2: 'text-grade-2 bg-grade-2/12',
  3: 'text-grade-3 bg-grade-3/12',
  4: 'text-grade-4 bg-grade-4/12',
  5: 'text-grade-5 bg-grade-5/12',
} as const;

/** The grade as it is written; what it stands for is for screen readers and the tooltip. The direction holds the sign at its end. */
export function GradeChip({ grade, large }: { grade: Grade; large?: boolean }) {
  const { record } = useText();
  return (
    <abbr title={record.grades.names[gradeStem(grade)]} dir="ltr"
      class={classes('inline-grid place-items-center rounded-md font-semibold tabular-nums no-underline', tones[gradeBand(grade)], large ? 'min-w-14 px-3 py-1.5 text-xl' : 'min-w-10 px-2 py-0.5 text-sm')}>
      {grade}
    </abbr>
  );
}

type Texts = Messages['record']['derived'];

function places({ because }: Derived, pieces: number, texts: Texts): string {
  const words = because.map(({ piece, side }) => (side !== null ? texts.side(side) : pieces > 1 ? texts.disc(piece) : texts.theDisc));
  return new Intl.ListFormat(formatLocale(), { type: 'conjunction' }).format(words);
}

export function explain(derived: Derived, pieces: number, texts: Texts): string {
  if (derived.of === 1) return texts.onlyOne(derived.grade);
  const where = places(derived, pieces, texts);
  return derived.because.length === 1 ? texts.because(derived.grade, where) : texts.becauseMany(derived.grade, where);
}

/** "VG+ because side B is VG+"; of a grade that was given by hand, what the discs would make it. */
export function GradeReason({ grade, derives, pieces, class: more }: { grade: Grade | null; derives: boolean; pieces: readonly Pick<Piece, 'discGrade' | 'sides'>[]; class?: string }) {
  const { record } = useText();
  const derived = deriveGrade(pieces);
  if (!derived) return null;
  if (!derives) return grade && grade !== derived.grade ? <p class={classes('text-sm text-muted', more)}>{record.derived.own(derived.grade)}</p> : null;
  return (
    <p class={classes('text-sm text-muted', more)}>
      {explain(derived, pieces.length, record.derived)}. {derived.of > 1 && record.derived.rule}
    </p>
  );
}
