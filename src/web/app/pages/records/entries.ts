// SPDX-License-Identifier: MIT
// Which commands a few typed letters mean.

export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly run: () => void;
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** How well it fits, 0: not at all. The beginning of the name is best, then that of a word, then anywhere in order. */
export function fit(name: string, typed: string): number {
  const [text, wanted] = [fold(name), fold(typed).trim()];
  if (wanted === '') return 1;
  if (text.startsWith(wanted)) return 4;
  if (text.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 3;
  if (text.includes(wanted)) return 2;
  let at = 0;
  for (const letter of text) if (letter === wanted[at]) at += 1;
  return at === wanted.length && wanted.length > 2 ? 1 : 0;
}

export function matching<E extends Entry>(entries: readonly E[], typed: string): E[] {
  return entries
    .map((entry, order) => ({ entry, order, fit: fit(entry.name, typed) }))
    .filter((each) => each.fit > 0)
    .sort((a, b) => b.fit - a.fit || a.order - b.order)
    .map(({ entry }) => entry);
}
