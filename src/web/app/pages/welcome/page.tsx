// SPDX-License-Identifier: MIT
// The front page, for everybody. With the one-time link of a new server it makes the first account.
import { useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { Brand } from '../../shell/frame';
import { ButtonLink } from '../../ui/button';
import { Icon, type IconName } from '../../ui/icon';
import { useTitle } from '../../ui/page';
import { RecordArt } from './art';
import { FirstAccount } from './first-account';
import { Languages } from './languages';
import { setupToken } from './setup';
import { useServer } from './server';

function Feature({ icon, words: [title, why] }: { icon: IconName; words: string[] }) {
  return (
    <li class="flex flex-col gap-2">
      <span class="grid size-11 place-items-center rounded-xl bg-accent-soft text-accent"><Icon name={icon} size={24} /></span>
      <h3 class="mt-1 font-title text-xl font-semibold">{title}</h3>
      <p class="text-muted">{why}</p>
    </li>
  );
}

/** What using it is like, drawn with what it is made of. */
function Glimpse() {
  const { welcome } = useText().account;
  return (
    <div class="absolute inset-x-4 -bottom-2 mx-auto max-w-sm sm:inset-x-auto sm:end-0 sm:bottom-2 sm:w-80" aria-hidden="true">
      <div class="rounded-2xl border border-line bg-surface p-3 shadow-float">
        <div class="flex items-center gap-2 rounded-lg border border-edge px-3 py-2 text-ink">
          <Icon name="search" size={18} class="text-muted" />
          <span dir="ltr">{welcome.searching}</span><span class="h-5 w-px bg-accent motion-safe:animate-pulse" />
        </div>
        <p class="px-1 pt-2 text-xs text-muted">{welcome.corrected}</p>
        <div class="mt-2 flex items-center gap-3 rounded-lg bg-sunken p-2">
          <svg viewBox="0 0 48 48" class="size-12 shrink-0 rounded-md"><path d="M0 0h48v48H0z" fill="#1d4e79" /><path d="M0 34c14-10 30 6 48-6v20H0z" fill="#0f2d4a" /><circle cx="34" cy="15" r="7" fill="#8fc1e3" /></svg>
          <div class="min-w-0 grow" dir="ltr">
            <p class="truncate font-semibold">Kind of Blue</p>
            <p class="truncate text-sm text-muted">Miles Davis · Columbia CS 8163</p>
          </div>
          <span class="whitespace-nowrap rounded-md bg-good-soft px-2 py-0.5 text-sm font-semibold text-good">NM</span>
        </div>
      </div>
    </div>
  );
}

export default function Welcome() {
  const [token] = useState(setupToken);
  return token ? <FirstAccount token={token} /> : <FrontPage />;
}

function FrontPage() {
  const { welcome } = useText().account;
  const { data: server } = useServer();
  useTitle('');
  const open = server?.registration !== 'closed';
  return (
    <div class="overflow-x-clip">
      <header class="mx-auto flex max-w-6xl items-center gap-2 px-4 pt-3 sm:px-6">
        <div class="grow"><Brand /></div>
        <Languages />
        <ButtonLink href="/sign-in" look="quiet" class="max-sm:hidden">{welcome.signIn}</ButtonLink>
      </header>
      <section class="mx-auto grid max-w-6xl items-center gap-10 px-4 pb-16 pt-8 sm:px-6 lg:grid-cols-[minmax(0,11fr)_minmax(0,12fr)] lg:pb-24 lg:pt-14">
        <div>
          <h1 class="font-title text-4xl font-semibold leading-[1.08] tracking-tight sm:text-5xl lg:text-6xl">{welcome.lead}</h1>
          <p class="mt-5 max-w-xl text-lg text-muted">{welcome.more}</p>
          <div class="mt-8 flex min-h-12 flex-wrap gap-3">
            <ButtonLink href="/sign-in" look={open ? 'plain' : 'main'} class="min-h-12! px-6! text-lg">{welcome.signIn}</ButtonLink>
            {open && <ButtonLink href="/sign-in?new" look="main" class="order-first min-h-12! px-6! text-lg">{welcome.begin}</ButtonLink>}
          </div>
        </div>
        <div class="relative pb-24 sm:pb-10">
          <RecordArt class="w-full max-w-xl lg:max-w-none" />
          <Glimpse />
        </div>
      </section>
      <section class="border-t border-line bg-surface">
        <div class="mx-auto max-w-6xl px-4 py-14 sm:px-6 lg:py-20">
          <h2 class="sr-only">{welcome.features}</h2>
          <ul class="grid gap-x-10 gap-y-10 sm:grid-cols-2 lg:grid-cols-3">
            <Feature icon="search" words={welcome.find} />
            <Feature icon="upload" words={welcome.bring} />
            <Feature icon="record" words={welcome.grade} />
            <Feature icon="shop" words={welcome.shop} />
            <Feature icon="chart" words={welcome.worthIt} />
            <Feature icon="key" words={welcome.yours} />
          </ul>
        </div>
      </section>
      <footer class="mx-auto flex max-w-6xl flex-wrap gap-x-6 gap-y-1 px-4 py-8 text-sm text-muted sm:px-6">
        <p class="grow py-2">{welcome.foot}</p>
        <a class="link py-2" href="/ca.crt">{welcome.authority}</a>
        <a class="link py-2" href="/api/openapi.json">{welcome.api}</a>
      </footer>
    </div>
  );
}
