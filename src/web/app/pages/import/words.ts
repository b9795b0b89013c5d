// SPDX-License-Identifier: MIT
// Sizes, times and faults in words.
import { formatLocale, number } from '../../i18n/format';
import type { Messages } from '../../i18n';
import { faultText } from '../../ui/fault-text';
import { NoTable } from './wizard';

const units = ['kilobyte', 'megabyte', 'gigabyte'] as const;

/** "12.4 MB"; what is small is a kilobyte. */
export function size(bytes: number): string {
  const at = bytes >= 1e9 ? 3 : bytes >= 1e6 ? 2 : 1;
  return new Intl.NumberFormat(formatLocale(), { style: 'unit', unit: units[at - 1] ?? 'gigabyte', unitDisplay: 'short', maximumFractionDigits: at > 1 ? 1 : 0 }).format(Math.max(bytes / 1000 ** at, bytes > 0 && at === 1 ? 1 : 0));
}

/** "3 min", "12 sec": rounded as one says it. */
export function duration(seconds: number): string {
  const [value, unit] = seconds >= 5400 ? [seconds / 3600, 'hour'] : seconds >= 90 ? [seconds / 60, 'minute'] : [Math.max(1, seconds), 'second'];
  return new Intl.NumberFormat(formatLocale(), { style: 'unit', unit: unit as string, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value as number);
}

export const percent = (fraction: number): string => number(fraction, { style: 'percent', maximumFractionDigits: 0 });

/** What to tell a person about an import that failed. */
export const importFault = (fault: unknown, messages: Messages): string =>
  fault instanceof NoTable ? (fault.message === 'empty' ? messages.importing.empty : messages.importing.noTable) : faultText(fault, messages);
