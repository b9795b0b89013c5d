// SPDX-License-Identifier: MIT
// What runs here, and its certificate and licences.
import { useText } from '../../i18n';
import { date } from '../../i18n/format';
import { Icon } from '../../ui/icon';
import { useServer } from '../welcome/server';
import { Loaded } from './loaded';
import { Section } from './section';

export function AboutSettings() {
  const { settings } = useText().account;
  const server = useServer();
  return (
    <>
      <Section title={settings.about}>
        <div class="flex items-center gap-4">
          <img src="/icon.svg" alt="" width={56} height={56} />
          <Loaded query={server}>
            {({ version, name, uptimeSeconds }) => (
              <div>
                <p class="text-lg font-semibold">recordd <span dir="ltr">{version}</span></p>
                <p class="text-muted"><span dir="auto">{name}</span> · {settings.up(date(new Date(Date.now() - uptimeSeconds * 1000), { dateStyle: 'medium', timeStyle: 'short' }))}</p>
              </div>
            )}
          </Loaded>
        </div>
        <p class="mt-5 text-muted">{settings.licencesWhy}</p>
        <p class="mt-3 flex flex-wrap gap-x-6">
          <a class="link py-2.5" href="/licences.txt">{settings.licences}</a>
          <a class="link py-2.5" href="/api/openapi.json">{settings.apiDocs}</a>
        </p>
      </Section>
      <Section title={settings.certificate} why={settings.certificateWhy}>
        <a class="inline-flex min-h-11 items-center gap-2 rounded-lg border border-edge bg-surface px-4 py-2 font-medium no-underline hover:bg-sunken" href="/ca.crt" download="recordd-ca.crt">
          <Icon name="download" />{settings.getCertificate}
        </a>
      </Section>
    </>
  );
}
