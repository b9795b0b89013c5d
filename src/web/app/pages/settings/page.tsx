// SPDX-License-Identifier: MIT
// Settings, a part at a time.
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link, Redirect } from 'wouter-preact';
import { useText } from '../../i18n';
import { Icon, type IconName } from '../../ui/icon';
import { PageHeading } from '../../ui/page';
import { AboutSettings } from './about';
import { PasswordSettings, Who } from './account';
import { DataSettings } from './data';
import { LookSettings } from './look';
import { SessionSettings } from './sessions';
import { ShareSettings } from './shares';
import { TokenSettings } from './tokens';

type Part = 'look' | 'account' | 'tokens' | 'shares' | 'data' | 'about';

const AccountSettings = () => <><Who /><PasswordSettings /><SessionSettings /></>;

const parts: Record<Part, { icon: IconName; Body: ComponentType }> = {
  look: { icon: 'star', Body: LookSettings },
  account: { icon: 'user', Body: AccountSettings },
  tokens: { icon: 'key', Body: TokenSettings },
  shares: { icon: 'link', Body: ShareSettings },
  data: { icon: 'download', Body: DataSettings },
  about: { icon: 'info', Body: AboutSettings },
};

const isPart = (name: string): name is Part => name in parts;

export default function Settings({ section = 'look' }: { section?: string | undefined }) {
  const { shell, account: { settings } } = useText();
  const names: Record<Part, string> = {
    look: settings.look, account: settings.account, tokens: settings.tokens, shares: settings.shares, data: settings.data, about: settings.about,
  };
  const nav = useRef<HTMLElement>(null);
  useEffect(() => { nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); }, [section]);
  if (!isPart(section)) return <Redirect to="/settings" replace />;
  const { Body } = parts[section];
  return (
    <div class="mx-auto max-w-5xl">
      <PageHeading title={shell.settings} />
      <div class="grid gap-5 lg:grid-cols-[13rem_minmax(0,1fr)] lg:gap-8">
        <nav ref={nav} aria-label={shell.settings} class="max-lg:-mx-4 max-lg:overflow-x-auto max-lg:px-4 max-lg:py-1 max-lg:[scrollbar-width:none] sm:max-lg:-mx-6 sm:max-lg:px-6">
          <ul class="flex gap-2 lg:sticky lg:top-7 lg:flex-col lg:gap-1">
            {(Object.keys(parts) as Part[]).map((part) => (
              <li key={part}>
                <Link href={`/settings/${part}`} aria-current={part === section ? 'page' : undefined}
                  class="flex min-h-11 items-center gap-2.5 whitespace-nowrap rounded-lg px-3 text-ink no-underline hover:bg-sunken aria-[current]:bg-accent-soft aria-[current]:font-semibold aria-[current]:text-accent max-lg:border max-lg:border-line max-lg:bg-surface">
                  <Icon name={parts[part].icon} />{names[part]}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div class="flex min-w-0 flex-col gap-5"><Body /></div>
      </div>
    </div>
  );
}
