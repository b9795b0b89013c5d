// SPDX-License-Identifier: MIT
// Theme, density, language, currency.
import { useText, locales } from '../../i18n';
import { formatLocale } from '../../i18n/format';
import { prefer } from '../../session/preferences';
import { currentLook, watchLook, type Look } from '../../base/look';
import { Field } from '../../ui/field';
import { toast } from '../../ui/toast';
import { useWatched } from '../../base/watch';
import { Choice } from './choice';
import { Section } from './section';

const common = ['EUR', 'USD', 'GBP', 'JPY', 'CHF'];

/** All that the browser knows by name, those that are met most often first. */
function currencies(): { code: string; name: string }[] {
  const names = new Intl.DisplayNames([formatLocale()], { type: 'currency' });
  const others = Intl.supportedValuesOf('currency').filter((code) => !common.includes(code));
  return [...common, ...others].map((code) => ({ code, name: names.of(code) ?? code }));
}

export function LookSettings() {
  const { settings } = useText().account;
  const look = useWatched(watchLook, currentLook);
  const change = (part: Look) => void prefer(part).catch(() => toast(settings.saveFailed, { tone: 'bad' }));
  return (
    <Section title={settings.look} why={settings.lookWhy}>
      <div class="flex flex-col gap-6">
        <Choice label={settings.theme} value={look.theme ?? 'system'} options={[['system', settings.system], ['light', settings.light], ['dark', settings.dark]]}
          onValue={(theme) => change({ theme: theme === 'system' ? null : theme })} />
        <Choice label={settings.density} value={look.density ?? 'comfortable'} options={[['comfortable', settings.comfortable], ['compact', settings.compact]]}
          onValue={(density) => change({ density })} />
        <div class="grid gap-5 sm:grid-cols-2">
          <Field label={settings.language}>
            {(control) => (
              <select {...control} class="field" value={look.locale ?? ''} onChange={(event) => change({ locale: event.currentTarget.value || null })}>
                <option value="">{settings.browserLanguage}</option>
                {Object.entries(locales).map(([code, name]) => <option key={code} value={code} lang={code}>{name}</option>)}
              </select>
            )}
          </Field>
          <Field label={settings.currency}>
            {(control) => (
              <select {...control} class="field" value={look.currency ?? 'EUR'} onChange={(event) => change({ currency: event.currentTarget.value })}>
                {currencies().map(({ code, name }) => <option key={code} value={code}>{code} – {name}</option>)}
              </select>
            )}
          </Field>
        </div>
      </div>
    </Section>
  );
}
