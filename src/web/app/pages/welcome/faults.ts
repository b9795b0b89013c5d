// SPDX-License-Identifier: MIT
// What is wrong with an address and a password, before and after the server was asked.
import type { Messages } from '../../i18n';
import { Problem } from '../../api/problem';

export type Entry = 'signIn' | 'register' | 'setup';
export interface Faults { email?: string | undefined; password?: string | undefined; form?: string | undefined }
type Words = Messages['account']['entry'];

export const PASSWORD_MIN = 8;
const address = /^[^\s@]+@[^\s@]+$/;

/** `undefined` when nothing is. A password that exists is never judged by its length. */
export function checked(entry: Entry, email: string, password: string, words: Words): Faults | undefined {
  const faults: Faults = {};
  if (!email) faults.email = words.missing;
  else if (!address.test(email)) faults.email = words.noEmail;
  if (!password) faults.password = words.missing;
  else if (entry !== 'signIn' && new TextEncoder().encode(password).length < PASSWORD_MIN) faults.password = words.short;
  return faults.email || faults.password ? faults : undefined;
}

/** The server's refusal in words; `undefined` for what passes by itself. */
export function refusal(error: unknown, words: Words): Faults | undefined {
  if (!(error instanceof Problem)) return undefined;
  switch (error.status) {
    case 401:
      return { form: words.wrong };
    case 403:
      return { form: words.closed };
    case 409:
      return { email: words.taken };
    case 429:
      return { form: words.tooMany(error.retryAfter ?? 60) };
    case 502:
    case 503:
    case 504:
      return undefined;
  }
  const of = (field: string) => error.fields.find((one) => one.field === field)?.message;
  const faults: Faults = { email: of('email') && words.noEmail, password: of('password') };
  return faults.email || faults.password ? faults : { form: error.message };
}
