// SPDX-License-Identifier: MIT
// The keys of a command, as they look on the keyboard.
import { type Command, KEYS } from './keys';

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const keyName = (key: string): string => (key === 'Ctrl' && isMac ? '⌘' : key);

export function Keys({ command }: { command: Command }) {
  return (
    <span dir="ltr" class="flex shrink-0 gap-1">
      {KEYS[command].map((key) => <kbd key={key} class="grid min-h-6 min-w-6 place-items-center rounded border border-line bg-sunken px-1.5 font-sans text-xs text-muted">{keyName(key)}</kbd>)}
    </span>
  );
}
