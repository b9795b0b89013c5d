// SPDX-License-Identifier: MIT
// Class names put together.
export const classes = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(' ');
