// SPDX-License-Identifier: MIT
// The frame around the pages of somebody who is signed in: a bar at the side, or at the bottom of a phone.
import type { ComponentChildren } from 'preact';
import { Link, useRoute } from 'wouter-preact';
import { useText } from '../i18n';
import { MenuHint, Shortcuts } from '../pages/records/shortcuts';
import { WeatherBar } from '../session/weather-bar';
import { classes } from '../ui/class';
import { Icon, type IconName } from '../ui/icon';
import { Toasts } from '../ui/toast';

type Name = 'home' | 'records' | 'shop' | 'import' | 'insights' | 'settings';

const places: { href: string; name: Name; icon: IconName; phone: boolean }[] = [
  { href: '/', name: 'home', icon: 'home', phone: true },
  { href: '/records', name: 'records', icon: 'record', phone: true },
  { href: '/shop', name: 'shop', icon: 'shop', phone: true },
  { href: '/import', name: 'import', icon: 'upload', phone: false },
  { href: '/insights', name: 'insights', icon: 'chart', phone: true },
  { href: '/settings', name: 'settings', icon: 'settings', phone: true },
];

function Place({ href, name, icon, phone }: (typeof places)[number]) {
  const { shell } = useText();
  const [here] = useRoute(href === '/' ? '/' : `${href}/*?`);
  return (
    <li class={classes('min-w-0 flex-1 md:flex-none', !phone && 'max-md:hidden')}>
      <Link href={href} aria-current={here ? 'page' : undefined}
        class="flex min-h-14 flex-col items-center justify-center gap-0.5 rounded-lg px-1 text-center text-xs text-muted no-underline hover:text-ink aria-[current]:font-semibold aria-[current]:text-accent md:min-h-11 md:flex-row md:justify-start md:gap-3 md:px-3 md:text-sm md:text-ink md:hover:bg-sunken md:aria-[current]:bg-accent-soft">
        <Icon name={icon} size={22} />
        <span class="max-w-full truncate max-md:hidden">{shell[name]}</span>
        <span class="max-w-full truncate md:hidden">{shell.short[name]}</span>
      </Link>
    </li>
  );
}

export function SkipLink() {
  const { shell } = useText();
  return <a href="#content" class="sr-only z-50 rounded-lg bg-surface px-4 py-3 shadow-float focus:not-sr-only focus:fixed focus:start-3 focus:top-3">{shell.skip}</a>;
}

export function Brand() {
  return (
    <Link href="/" class="flex min-h-11 items-center gap-2.5 font-title text-xl font-semibold tracking-tight text-ink no-underline">
      <img src="/icon.svg" alt="" width={30} height={30} />
      <span>recordd</span>
    </Link>
  );
}

export function Frame({ children }: { children: ComponentChildren }) {
  const { shell } = useText();
  return (
    <div class="flex min-h-dvh flex-col md:grid md:grid-cols-[13.5rem_minmax(0,1fr)] md:grid-rows-[auto_1fr]">
      <SkipLink />
      <WeatherBar class="md:col-span-2" />
      <header class="max-md:order-2 max-md:sticky max-md:bottom-0 max-md:z-30 max-md:border-t max-md:bg-surface max-md:pb-[env(safe-area-inset-bottom)] md:sticky md:top-0 md:h-dvh md:flex md:flex-col md:overflow-y-auto md:border-e md:px-3 md:py-4 border-line">
        <div class="mb-4 ps-2 max-md:hidden"><Brand /></div>
        <nav aria-label={shell.navigation}>
          <ul class="flex md:flex-col md:gap-1">{places.map((place) => <Place key={place.href} {...place} />)}</ul>
        </nav>
        <MenuHint />
      </header>
      <main id="content" tabIndex={-1} class="w-full min-w-0 grow px-4 py-5 outline-none sm:px-6 md:px-8 md:py-7">{children}</main>
      <Shortcuts />
      <Toasts />
    </div>
  );
}

/** The frame of pages for everybody. */
export function OpenFrame({ children }: { children: ComponentChildren }) {
  return (
    <div class="flex min-h-dvh flex-col">
      <SkipLink />
      <WeatherBar />
      <main id="content" tabIndex={-1} class="w-full grow outline-none">{children}</main>
      <Toasts />
    </div>
  );
}
