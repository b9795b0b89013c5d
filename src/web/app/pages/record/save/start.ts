// SPDX-License-Identifier: MIT
// What the editor begins with: the record, a draft of it, or what the address says about a new one.
import { currentSession } from '../../../api/session';
import { formatLocale } from '../../../i18n/format';
import type { Loaded } from '../data';
import { type Draft, Drafts } from '../model/draft';
import { amountOf, moneyText, parseMoney } from '../model/money';
import { FORM_SHAPE, type Form, TEXTS, emptyForm, formOf } from '../model/form';

/** What a draft keeps: the form, and the cover of a record that is not there yet. */
export interface Kept {
  form: Form;
  cover: string | null;
  locale: string;
}

export interface Start {
  base: Form;
  form: Form;
  etag: string | null;
  cover: string | null;
  /** When the draft that this comes from was written. */
  draftAt: number | null;
}

/** For the user of the moment. */
export function drafts(): Drafts<Kept> {
  return new Drafts<Kept>(currentSession().user?.id ?? '', FORM_SHAPE);
}

/** `/records/new?artist=Can&barcode=…`: whoever looked for something in vain may add it. */
export function formOfAddress(search: string): Form {
  const params = new URLSearchParams(search);
  const given = TEXTS.flatMap((field) => {
    const value = params.get(field)?.trim();
    return value ? [[field, value]] : [];
  });
  return { ...emptyForm(), ...(Object.fromEntries(given) as Partial<Form>) };
}

/** Each address has a draft of its own, so that none takes another's place. */
export const draftName = (id: string | undefined, search: string): string => id ?? (search ? `new${search}` : 'new');

/** An amount was kept as it was typed; where it is written otherwise now, it is written so. */
function ofKept({ form, locale }: Kept): Form {
  const cents = parseMoney(form.pricePaid, locale);
  return locale === formatLocale() || typeof cents !== 'number' ? form : { ...form, pricePaid: moneyText(amountOf(cents), formatLocale()) };
}

function withDraft(start: Start, draft: Draft<Kept> | null): Start {
  if (!draft) return start;
  const base = draft.base ? ofKept(draft.base) : start.base;
  return { base, form: ofKept(draft.form), etag: draft.etag, cover: draft.form.cover, draftAt: draft.at };
}

export function startOf(loaded: Loaded | null, name: string, search: string): Start {
  const empty = emptyForm();
  const fresh: Start = loaded
    ? { base: formOf(loaded.record, formatLocale()), form: formOf(loaded.record, formatLocale()), etag: loaded.etag, cover: null, draftAt: null }
    : { base: empty, form: formOfAddress(search), etag: null, cover: null, draftAt: null };
  return withDraft(fresh, drafts().read(name));
}

export function freshStart(loaded: Loaded | null): Start {
  const form = loaded ? formOf(loaded.record, formatLocale()) : emptyForm();
  return { base: form, form, etag: loaded?.etag ?? null, cover: null, draftAt: null };
}

