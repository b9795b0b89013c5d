// SPDX-License-Identifier: MIT
// Who is signed in on this device, so that it can be told without a network. No secret is kept.
import type { User } from './session';

const userKey = 'recordd.user';
const signOutKey = 'recordd.signingOut';

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch { /* without storage nothing is remembered */ }
}

export function rememberedUser(): User | null {
  try {
    const user = JSON.parse(read(userKey) ?? 'null') as User | null;
    return user && typeof user.id === 'string' && typeof user.email === 'string' ? user : null;
  } catch {
    return null;
  }
}

export function rememberUser(user: User | null): void {
  write(userKey, user && JSON.stringify({ id: user.id, email: user.email, createdAt: user.createdAt }));
}

/** Somebody signed out while the server could not be told. */
export const owesSignOut = (): boolean => read(signOutKey) !== null;
export const setOwesSignOut = (owes: boolean): void => write(signOutKey, owes ? '1' : null);
