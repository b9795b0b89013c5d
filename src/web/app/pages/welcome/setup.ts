// SPDX-License-Identifier: MIT
// The token of the one-time link https://HOST:PORT/#setup=TOKEN that a new server prints. It stays in the address until
// it was used, so that the page can be loaded again; what is behind # is sent to nobody.

export const setupToken = (): string | null => new URLSearchParams(location.hash.slice(1)).get('setup');

/** The link was used, or is of no use. */
export function forgetSetup(): void {
  history.replaceState(history.state, '', location.pathname + location.search);
}
