// SPDX-License-Identifier: MIT
// What frames everything that is shared: a quiet line at the top and at the bottom.
import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { useText } from '../../i18n';
import { Languages } from '../welcome/languages';

export function SharedFrame({ children }: { children: ComponentChildren }) {
  const { shared } = useText().account;
  return (
    <div class="mx-auto flex min-h-dvh max-w-6xl flex-col px-4 sm:px-6">
      <div class="grow pt-6 pb-10 sm:pt-10">{children}</div>
      <footer class="flex flex-wrap items-center justify-between gap-x-6 border-t border-line py-3 text-sm text-muted">
        <Link href="/" class="flex min-h-11 items-center gap-2 text-muted no-underline hover:text-ink">
          <img src="/icon.svg" alt="" width={20} height={20} />{shared.made}
        </Link>
        <Languages />
      </footer>
    </div>
  );
}
