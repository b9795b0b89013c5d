// SPDX-License-Identifier: MIT
// How far something is.

/** `value` from 0 to 1; null while that is not known. */
export function Progress({ value, label }: { value: number | null; label: string }) {
  return <progress aria-label={label} max={1} {...(value === null ? {} : { value })} class="h-2 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent" />;
}
