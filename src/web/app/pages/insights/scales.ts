// SPDX-License-Identifier: MIT
// Round numbers for axes: from the least and greatest value to ticks that people like to read.

/** 1, 2, 2.5 or 5 times a power of ten, not below `rough`; whole numbers only where `whole` is set. */
export function niceStep(rough: number, whole = false): number {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 2.5, 5, 10]) {
    const step = factor * power;
    if (step >= rough * (1 - 1e-9) && (!whole || Number.isInteger(step))) return step;
  }
  return Math.max(1, 10 * power);
}

/** From 0 to at least `most`, in about `count` steps. */
export function ticksTo(most: number, count = 4, whole = false): readonly number[] {
  const step = niceStep(Math.max(most, 0) / count, whole);
  const n = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: n + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** Parts of the whole from 0 to 1; all 0 when there is nothing. */
export function sharesOf(values: readonly number[]): readonly number[] {
  const most = Math.max(0, ...values);
  return values.map((value) => (most > 0 ? Math.max(0, value) / most : 0));
}
