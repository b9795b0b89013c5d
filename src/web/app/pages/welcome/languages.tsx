// SPDX-License-Identifier: MIT
// The choice of the language where there is no account yet to keep it.
import { chooseLocale, currentLocale, locales, useText, type Locale } from '../../i18n';
import { Icon } from '../../ui/icon';

export function Languages() {
  const { account } = useText();
  return (
    <label class="flex min-h-11 items-center gap-1.5 rounded-lg ps-2 text-sm text-muted hover:text-ink">
      <Icon name="globe" size={18} />
      <span class="sr-only">{account.welcome.language}</span>
      <select class="min-h-11 cursor-pointer rounded-lg bg-transparent pe-1 text-sm" value={currentLocale()}
        onChange={(event) => void chooseLocale(event.currentTarget.value as Locale)}>
        {Object.entries(locales).map(([code, name]) => <option key={code} value={code} class="bg-surface text-ink">{name}</option>)}
      </select>
    </label>
  );
}
