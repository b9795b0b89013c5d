// SPDX-License-Identifier: MIT
// The icons: strokes on a grid of 24, in the colour of the text around them.
import { classes } from './class';

const paths = {
  home: 'M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z',
  record: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18m0 6a3 3 0 1 1 0 6 3 3 0 0 1 0-6m0 3h.01M6.5 12A5.5 5.5 0 0 1 12 6.500',
  upload: 'M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3',
  download: 'M12 4v12m0 0 5-5m-5 5-5-5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3',
  chart: 'M4 20h16M7 16v-5m5 5V5m5 11V9',
  shop: 'M4 9h16l-1-4H5zm1 0v10h14V9M9 19v-5h6v5',
  settings: 'M4 7h9m5 0h2M4 17h2m5 0h9M15.500 4.500v5M8.500 14.500v5',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14m5 12 4 4',
  plus: 'M12 5v14M5 12h14',
  close: 'm6 6 12 12M18 6 6 18',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  menu: 'M4 7h16M4 12h16M4 17h16',
  trash: 'M4 7h16M9 7V4h6v3m3 0-1 13H7L6 7m4 4v5m4-5v5',
  edit: 'm4 20 1-4L16 5l3 3L8 19zM14 7l3 3',
  share: 'M12 15V4m0 0L8 8m4-4 4 4M6 12H5v8h14v-8h-1',
  undo: 'M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3',
  filter: 'M4 6h16M7 12h10M10 18h4',
  sort: 'M8 5v14m0 0-3-3m3 3 3-3M16 19V5m0 0-3 3m3-3 3 3',
  grid: 'M4 4h6v6H4zm10 0h6v6h-6zM4 14h6v6H4zm10 0h6v6h-6z',
  rows: 'M4 6h16M4 12h16M4 18h16',
  camera: 'M4 8h3l2-3h6l2 3h3v11H4zm8 2.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7',
  barcode: 'M4 6v12M7 6v12m3-12v12m4-12v12m2-12v12m4-12v12',
  warning: 'M12 4 3 19h18zm0 6v4m0 2.500v.010',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18m0 8v5m0-8.500v.010',
  offline: 'M4 4l16 16M5 11a10 10 0 0 1 3-2m3-1a10 10 0 0 1 8 3M8 14.500a6 6 0 0 1 5-1.500m-1 6h.010',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1m2 4a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8m3 1 8-8m-3 3 3 3',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 20c1-4 4-5 8-5s7 1 8 5',
  signOut: 'M14 4H5v16h9m-4-8h10m0 0-4-4m4 4-4 4',
  chevron: 'm9 6 6 6-6 6',
  down: 'm6 9 6 6 6-6',
  back: 'M19 12H5m0 0 6-6m-6 6 6 6',
  star: 'm12 4 2.500 5.200 5.500.800-4 4 1 5.600-5-2.700-5 2.700 1-5.600-4-4 5.500-.800z',
  keyboard: 'M3 6h18v12H3zm4 4h.010M11 10h.010M15 10h.010M8 14h8',
  globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  history: 'M4 12a8 8 0 1 0 2.500-5.800L4 8m0-4v4h4m4 0v4l3 2',
} as const;

export type IconName = keyof typeof paths;

/** These point along the line: in right-to-left they turn around. */
const pointing: ReadonlySet<IconName> = new Set<IconName>(['back', 'chevron', 'signOut', 'undo']);

/** Decoration only: whoever uses it gives the name in words. */
export function Icon({ name, size = 20, class: more }: { name: IconName; size?: number; class?: string }) {
  return (
    <svg class={classes('shrink-0', pointing.has(name) && 'rtl:-scale-x-100', more)} width={size} height={size} viewBox="0 0 24 24" fill="none"
      stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
