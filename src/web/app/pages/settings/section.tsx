// SPDX-License-Identifier: MIT
// A part of the settings: its name, what it is for, and what is in it.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export function Section({ title, why, children }: { title: string; why?: string | undefined; children: ComponentChildren }) {
  const id = useId();
  return (
    <section aria-labelledby={id} class="card p-5 sm:p-6">
      <h2 id={id} class="font-title text-xl font-semibold">{title}</h2>
      {why && <p class="mt-1 text-muted">{why}</p>}
      <div class="mt-5">{children}</div>
    </section>
  );
}

/** Things of a kind, one below the other. */
export function Rows({ children }: { children: ComponentChildren }) {
  return <ul class="divide-y divide-line">{children}</ul>;
}

export function Row({ title, tag, facts, children }: { title: ComponentChildren; tag?: string | false; facts: (string | false | null | undefined)[]; children?: ComponentChildren }) {
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div class="min-w-40 grow basis-60">
        <p class="font-medium">
          <span>{title}</span>
          {tag && <span class="ms-2 inline-block rounded-full bg-good-soft px-2.5 py-0.5 text-sm font-medium text-good">{tag}</span>}
        </p>
        <p class="text-sm text-muted">{facts.filter(Boolean).map((fact, i) => <span key={i}>{i > 0 && ' · '}<bdi>{fact}</bdi></span>)}</p>
      </div>
      <div class="flex flex-wrap gap-2">{children}</div>
    </li>
  );
}
