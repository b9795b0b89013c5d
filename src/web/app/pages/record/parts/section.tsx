// SPDX-License-Identifier: MIT
// A part of a record's page, under its heading.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} class="mb-3 border-b border-line pb-1.5 font-title text-lg font-semibold">{title}</h2>
      {children}
    </section>
  );
}
