// SPDX-License-Identifier: MIT
// Where somebody wanted to go before they were asked to sign in.

/** The path in `?to=`; never another site's. */
export function wantedPath(search: string = location.search): string {
  const to = new URLSearchParams(search).get('to') ?? '/';
  const url = URL.canParse(to, location.origin) ? new URL(to, location.origin) : null;
  return url?.origin === location.origin && to.startsWith('/') ? url.pathname + url.search : '/';
}

export const signInPath = (from: string): string => (from === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(from)}`);
