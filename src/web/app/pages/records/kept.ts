// SPDX-License-Identifier: MIT
// Small choices that this browser keeps: layout, whether filters are open, whether single keys are shortcuts.
import { useState } from 'preact/hooks';

export interface Kept {
  layout: 'grid' | 'table';
  filters: boolean;
  singleKeys: boolean;
}

const KEY = 'recordd.list';
const usual = (): Kept => ({ layout: 'grid', filters: typeof innerWidth === 'number' && innerWidth >= 1536, singleKeys: true });

export function readKept(): Kept {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<keyof Kept, unknown>>;
    const kept = usual();
    return {
      layout: value.layout === 'table' ? 'table' : kept.layout,
      filters: typeof value.filters === 'boolean' ? value.filters : kept.filters,
      singleKeys: value.singleKeys !== false,
    };
  } catch {
    return usual();
  }
}

export function keep(change: Partial<Kept>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readKept(), ...change }));
  } catch { /* it holds for this page */ }
}

export function useKept<K extends keyof Kept>(name: K): [Kept[K], (value: Kept[K]) => void] {
  const [value, setValue] = useState(() => readKept()[name]);
  return [value, (next) => { keep({ [name]: next }); setValue(next); }];
}
