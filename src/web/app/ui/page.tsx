// SPDX-License-Identifier: MIT
// A page's heading, its title in the browser, and what it shows while it has nothing to show.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useText } from '../i18n';
import { Icon, type IconName } from './icon';

export function useTitle(title: string): void {
  useEffect(() => { document.title = title ? `${title} · recordd` : 'recordd'; }, [title]);
}

/** Each page has one; it names the page for the browser and for screen readers. */
export function PageHeading({ title, children }: { title: string; children?: ComponentChildren }) {
  useTitle(title);
  return (
    <div class="mb-5 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 class="grow font-title text-2xl font-semibold tracking-tight sm:text-3xl">{title}</h1>
      {children}
    </div>
  );
}

/** Nothing there, why, and what to do about it. `page`: it is all that the page has. */
export function Empty({ icon, title, children, actions, page }: { icon: IconName; title: string; children?: ComponentChildren; actions?: ComponentChildren; page?: boolean }) {
  const Heading = page ? 'h1' : 'h2';
  return (
    <div class="mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-16 text-center">
      <Icon name={icon} size={40} class="text-muted" />
      <Heading class="font-title text-xl font-semibold">{title}</Heading>
      <div class="text-muted">{children}</div>
      {actions && <div class="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

/** In the place of what is on its way; it does not blink for what arrives at once. */
export function Waiting() {
  const { shell } = useText();
  return <p role="status" class="animate-[rise_1s_ease-in_400ms_both] py-16 text-center text-muted">{shell.loading}</p>;
}

/** In the place of what the server would have to be asked for, while it cannot be. */
export function OutOfReach() {
  const { weather } = useText().account;
  return <Empty page icon="offline" title={weather.unreachable}>{weather.unreachableWhy}</Empty>;
}
