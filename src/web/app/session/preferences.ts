// SPDX-License-Identifier: MIT
// How it looks, kept with the account: taken over at sign-in, and told to the server when it changes here.
import { call, get } from '../api/client';
import { currentSession, watchSession } from '../api/session';
import { currentLocale, loadLanguage, locales, type Locale } from '../i18n';
import { changeLook, currentLook, type Look } from '../base/look';

export interface Preferences {
  currency: string | null;
  locale: string | null;
  theme: 'light' | 'dark' | 'system' | null;
  density: 'comfortable' | 'compact' | null;
}

const path = '/api/auth/preferences';
let adoptedFor: string | null = null;

function lookOf({ currency, locale, theme, density }: Preferences): Look {
  return {
    ...(currency ? { currency } : {}),
    ...(locale && locale in locales ? { locale: locale as Locale } : {}),
    ...(theme ? { theme: theme === 'system' ? null : theme } : {}),
    ...(density ? { density } : {}),
  };
}

function preferencesOf({ currency, locale, theme, density }: Look): Preferences {
  return { currency: currency ?? null, locale: locale ?? null, theme: theme ?? 'system', density: density ?? null };
}

async function adopt(): Promise<void> {
  const before = currentLocale();
  changeLook(lookOf(await get<Preferences>(path)));
  if (currentLocale() !== before) await loadLanguage();
}

/** Once for each person who signs in. What cannot be had stays as this browser has it. */
export function followPreferences(): void {
  const changed = () => {
    const { state, user } = currentSession();
    if (state === 'out') adoptedFor = null;
    if (state !== 'in' || !user || adoptedFor === user.id) return;
    adoptedFor = user.id;
    adopt().catch(() => { adoptedFor = null; });
  };
  watchSession(changed);
  changed();
}

/** Changes it here at once; the answer is for telling that it could not be kept with the account. */
export async function prefer(change: Look): Promise<void> {
  changeLook(change);
  if ('locale' in change) await loadLanguage();
  await call('PUT', path, { json: preferencesOf(currentLook()) });
}
