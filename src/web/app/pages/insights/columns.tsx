// SPDX-License-Identifier: MIT
// Vertical columns for what has an order of its own: decades, grades, prices.
import { Link } from 'wouter-preact';
import type { Point } from './data';
import { sharesOf } from './scales';

const shape = 'flex h-full flex-col justify-end gap-1 rounded-lg px-0.5 pt-1 text-center text-ink no-underline';

function Column({ point, share }: { point: Point; share: number }) {
  const inside = (
    <>
      <span class="order-1 text-xs text-muted tabular-nums">{point.value > 0 ? point.text : ''}</span>
      <svg class="order-2 h-36 w-full" aria-hidden="true">
        <rect x="8%" width="84%" y={`${100 - Math.max(share * 100, 1)}%`} height={`${Math.max(share * 100, 1)}%`} rx="4" class={point.value > 0 ? 'fill-accent group-hover:brightness-110' : 'fill-line'} />
      </svg>
      <span class="order-3 min-h-8 text-xs leading-tight group-hover:text-accent"><bdi>{point.label}</bdi></span>
    </>
  );
  return (
    <li class="min-w-11 flex-1">
      {point.href ? <Link href={point.href} class={`group ${shape} hover:bg-sunken`}>{inside}</Link> : <div class={shape}>{inside}</div>}
    </li>
  );
}

export function Columns({ points }: { points: readonly Point[] }) {
  const shares = sharesOf(points.map((point) => point.value));
  return (
    <div class="-mx-1 overflow-x-auto px-1 pb-1" {...(points.length > 6 ? { tabIndex: 0 } : {})}>
      <ul class="flex items-end gap-1">{points.map((point, at) => <Column key={point.label} point={point} share={shares[at] ?? 0} />)}</ul>
    </div>
  );
}
