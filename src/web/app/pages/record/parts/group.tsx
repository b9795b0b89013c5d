// SPDX-License-Identifier: MIT
// Groups of the editor's fields: those that are always there, and those that unfold.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../../ui/icon';
import { hasFault, useEditing } from '../editor-context';
import type { Field, Form } from '../model/form';

export function Group({ title, children, action }: { title: string; children: ComponentChildren; action?: ComponentChildren }) {
  const id = useId();
  return (
    <section aria-labelledby={id} class="card p-4 sm:p-5">
      <div class="mb-3 flex min-h-9 flex-wrap items-center gap-2">
        <h2 id={id} class="grow font-title text-lg font-semibold">{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

function isSet(form: Form, field: Field): boolean {
  const value = form[field];
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Open where something is filled in or wrong, else one touch away. */
export function Unfolding({ title, fields, children }: { title: string; fields: readonly Field[]; children: ComponentChildren }) {
  const { form, problems, tries } = useEditing();
  const box = useRef<HTMLDetailsElement>(null);
  const [filled] = useState(() => fields.some((field) => isSet(form, field)));
  const wrong = hasFault(problems, fields);
  // From then on it is the browser that opens and closes it.
  useLayoutEffect(() => { if (wrong && box.current) box.current.open = true; }, [wrong, tries]);
  return (
    <details ref={box} class="card group" open={filled}>
      <summary class="flex min-h-14 list-none items-center gap-2 rounded-card px-4 py-2 hover:bg-sunken sm:px-5 [&::-webkit-details-marker]:hidden">
        <h2 class="grow font-title text-lg font-semibold">{title}</h2>
        <Icon name="down" class="text-muted transition-transform group-open:rotate-180" />
      </summary>
      <div class="px-4 pt-1 pb-5 sm:px-5">{children}</div>
    </details>
  );
}
