// SPDX-License-Identifier: MIT
// Horizontal bars, each a link to the records behind it.
import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import type { Point } from './data';
import { sharesOf } from './scales';

const shape = 'col-span-full grid min-h-9 grid-cols-subgrid items-center rounded-lg px-2 py-1 text-ink no-underline';

function Row({ point, share }: { point: Point; share: number }) {
  const inside: ComponentChildren = (
    <>
      <span dir="auto" class="truncate group-hover:text-accent">{point.label}</span>
      <svg class="h-3 w-full overflow-hidden rounded-full bg-sunken rtl:-scale-x-100" aria-hidden="true">
        <rect width={`${Math.max(share * 100, point.value > 0 ? 1 : 0)}%`} height="100%" rx="6" class="fill-accent" />
      </svg>
      <span class="text-end text-sm text-muted tabular-nums">{point.text}</span>
    </>
  );
  return <li class="col-span-full grid grid-cols-subgrid">{point.href ? <Link href={point.href} class={`group ${shape} hover:bg-sunken`}>{inside}</Link> : <div class={shape}>{inside}</div>}</li>;
}

export function Bars({ points }: { points: readonly Point[] }) {
  const shares = sharesOf(points.map((point) => point.value));
  return <ul class="-mx-2 grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_max-content] gap-x-3">{points.map((point, at) => <Row key={point.label} point={point} share={shares[at] ?? 0} />)}</ul>;
}
