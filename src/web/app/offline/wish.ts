// SPDX-License-Identifier: MIT
// Whether this device keeps a copy of the collection: as its owner says, else on phones and where it is installed.
const key = 'recordd.copy';

function said(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keepsCopy(): boolean {
  const wish = said();
  if (wish) return wish === 'yes';
  return matchMedia('(display-mode: standalone), (pointer: coarse)').matches;
}

export function wishCopy(keep: boolean): void {
  try {
    localStorage.setItem(key, keep ? 'yes' : 'no');
  } catch { /* it holds for this tab */ }
}

/** Whoever looks into the shop page wants it, unless they said no. */
export function wishCopyUnlessRefused(): void {
  if (said() !== 'no') wishCopy(true);
}
