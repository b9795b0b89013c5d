// SPDX-License-Identifier: MIT
// The language of the moment. English is part of the first load and the type of the others, which are loaded when chosen.
import { useWatched } from '../base/watch';
import { changeLook, currentLook, watchLook } from '../base/look';
import en from './en';

export type Messages = typeof en;
export const locales = { en: 'English', de: 'Deutsch', ar: 'العربية' } as const;
export type Locale = keyof typeof locales;

const loaders: Record<Exclude<Locale, 'en'>, () => Promise<{ default: Messages }>> = {
  de: () => import('./de'),
  ar: () => import('./ar'),
};

let messages: Messages = en;
const watchers = new Set<() => void>();

const isLocale = (name: string): name is Locale => name in locales;

/** The chosen one, or the best of those that the browser asks for. */
export function currentLocale(): Locale {
  const chosen = currentLook().locale;
  if (chosen && isLocale(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLocale) ?? 'en';
}

export const directionOf = (locale: Locale): 'ltr' | 'rtl' => (locale === 'ar' ? 'rtl' : 'ltr');

async function load(locale: Locale): Promise<void> {
  messages = locale === 'en' ? en : (await loaders[locale]()).default;
  document.documentElement.lang = locale;
  document.documentElement.dir = directionOf(locale);
  for (const watcher of watchers) watcher();
}

/** To be awaited before the first rendering, so that no text changes under the eyes. */
export const loadLanguage = (): Promise<void> => load(currentLocale());

export function chooseLocale(locale: Locale): Promise<void> {
  changeLook({ locale });
  return load(locale);
}

const watch = (changed: () => void) => {
  watchers.add(changed);
  const ends = watchLook(changed);
  return () => { watchers.delete(changed); ends(); };
};

/** All texts, outside of components. */
export const text = (): Messages => messages;
/** All texts, in a component that is to follow the language. */
export const useText = (): Messages => useWatched(watch, text);

/** Chooses by the number's plural form in the language of the moment; `other` serves where a form is not given. */
export function plural(n: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  return forms[new Intl.PluralRules(currentLocale()).select(n)] ?? forms.other;
}
