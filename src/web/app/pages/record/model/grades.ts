// SPDX-License-Identifier: MIT
// The grades, best first, and the many ways in which people write them; the server reads them by the same rules.
import { type Grade, grades as GRADES } from '../../../api/types';

export { GRADES };
export type { Grade };

/** A grade's stem without its sign: what the definitions are about. */
export type GradeStem = 'M' | 'NM' | 'EX' | 'VG' | 'G' | 'F' | 'P';

/** What a stem becomes as it stands, with a plus and with a minus. */
const stems: Record<string, readonly [plain: Grade, plus: Grade | null, minus: Grade | null]> = {
  m: ['M', null, 'NM'],
  mint: ['M', null, 'NM'],
  nm: ['NM', 'NM', 'NM-'],
  nearmint: ['NM', 'NM', 'NM-'],
  ex: ['EX', 'EX+', 'EX-'],
  excellent: ['EX', 'EX+', 'EX-'],
  vg: ['VG', 'VG+', 'VG-'],
  verygood: ['VG', 'VG+', 'VG-'],
  g: ['G', 'G+', 'G-'],
  good: ['G', 'G+', 'G-'],
  f: ['F', null, null],
  fair: ['F', null, null],
  p: ['P', null, null],
  poor: ['P', null, null],
};

export function parseGrade(text: string): Grade | null {
  const squeezed = text.toLowerCase().replace(/[._\s]+/g, '');
  const sign = /(\+|-|plus|minus)$/.exec(squeezed)?.[0] ?? '';
  const stem = stems[squeezed.slice(0, squeezed.length - sign.length)];
  if (!stem) return null;
  if (sign === '') return stem[0];
  return sign === '+' || sign === 'plus' ? stem[1] : stem[2];
}

export function isGrade(value: unknown): value is Grade {
  return (GRADES as readonly unknown[]).includes(value);
}

/** Below zero when `a` is the better one. */
export function compareGrades(a: Grade, b: Grade): number {
  return GRADES.indexOf(a) - GRADES.indexOf(b);
}

export function worstGrade(grades: Iterable<Grade | null | undefined>): Grade | null {
  let worst: Grade | null = null;
  for (const grade of grades) if (grade && (!worst || compareGrades(grade, worst) > 0)) worst = grade;
  return worst;
}

export function gradeStem(grade: Grade): GradeStem {
  return grade.replace(/[+-]$/, '') as GradeStem;
}

/** Five bands, for colours: as new, fine, played, worn, bad. */
export function gradeBand(grade: Grade): 1 | 2 | 3 | 4 | 5 {
  const bands: Record<GradeStem, 1 | 2 | 3 | 4 | 5> = { M: 1, NM: 1, EX: 2, VG: 3, G: 4, F: 5, P: 5 };
  return bands[gradeStem(grade)];
}

/** The grade that typing leads to in a list: the first whose name begins so. */
export function gradeByTyping(typed: string): Grade | null {
  const wanted = typed.toUpperCase();
  return GRADES.find((grade) => grade === wanted) ?? GRADES.find((grade) => grade.startsWith(wanted)) ?? null;
}
