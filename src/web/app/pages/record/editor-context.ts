// SPDX-License-Identifier: MIT
// What the fields of the editor share: the form, how to change it, and what is wrong with it.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Messages, useText } from '../../i18n';
import { formatLocale } from '../../i18n/format';
import type { Field, Form } from './model/form';
import { moneyText } from './model/money';
import type { Problem } from './model/rules';

export interface Editing {
  form: Form;
  set: <F extends Field>(field: F, value: Form[F]) => void;
  change: (change: (form: Form) => Form) => void;
  /** The field was left: from now on it tells what is wrong with it. */
  left: (field: string) => void;
  problems: readonly Problem[];
  /** How often saving was tried. */
  tries: number;
}

export const EditingContext = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (!editing) throw new Error('a field outside of the editor');
  return editing;
}

export function faultText({ fault, limit, message }: Problem, { faults }: Messages['record']): string {
  if (!fault) return message ?? '';
  if (fault === 'money') return faults.money(moneyText(12.5, formatLocale()));
  const text = faults[fault];
  return typeof text === 'string' ? text : text(limit ?? 0);
}

/** What is to be said at a field, of itself or of what it holds. */
export function useFault(field: string): string | undefined {
  const { problems } = useEditing();
  const { record } = useText();
  const found = problems.find((problem) => problem.field === field);
  return found && faultText(found, record);
}

/** Whether one of these fields, or what they hold, has something wrong. */
export function hasFault(problems: readonly Problem[], fields: readonly string[]): boolean {
  return problems.some(({ field }) => fields.some((name) => field === name || field.startsWith(`${name}[`)));
}
