// SPDX-License-Identifier: MIT
// The grades, best first; the many ways in which people write them are the server's to read.
import { type Grade, grades as GRADES } from '../../../api/types';

export { GRADES };
export type { Grade };

/** A grade's stem without its sign: what the definitions are about. */
export type GradeStem = 'M' | 'NM' | 'EX' | 'VG' | 'G' | 'F' | 'P';

export function isGrade(value: unknown): value is Grade {
  return (GRADES as readonly unknown[]).includes(value);
}

/** Below zero when `a` is the better one. */
export function compareGrades(a: Grade, b: Grade): number {
  return GRADES.indexOf(a) - GRADES.indexOf(b);
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
