// SPDX-License-Identifier: MIT
// Three versions of a form made into one: what it was, what I made of it, what somebody else made of it.
export interface Merged<Form> {
  /** Mine and theirs together; where both changed a field in different ways, mine for now. */
  form: Form;
  /** The fields that both changed, each in another way. */
  conflicts: (keyof Form)[];
  /** The fields that only they changed, taken over. */
  taken: (keyof Form)[];
}

export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)));
}

export function changedFields<Form extends object>(from: Form, to: Form): (keyof Form)[] {
  return (Object.keys(to) as (keyof Form)[]).filter((key) => !same(from[key], to[key]));
}

export function mergeForms<Form extends object>(base: Form, mine: Form, theirs: Form): Merged<Form> {
  const my = new Set(changedFields(base, mine));
  const merged: Merged<Form> = { form: { ...mine }, conflicts: [], taken: [] };
  for (const field of changedFields(base, theirs)) {
    if (!my.has(field)) {
      merged.form[field] = theirs[field];
      merged.taken.push(field);
    } else if (!same(mine[field], theirs[field])) {
      merged.conflicts.push(field);
    }
  }
  return merged;
}

/** The merged form with theirs where that was chosen. */
export function resolve<Form extends object>(merged: Merged<Form>, theirs: Form, chosen: ReadonlySet<keyof Form>): Form {
  const form = { ...merged.form };
  for (const field of merged.conflicts) if (chosen.has(field)) form[field] = theirs[field];
  return form;
}
