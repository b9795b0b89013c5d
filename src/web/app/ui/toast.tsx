// SPDX-License-Identifier: MIT
// Short messages at the edge of the page, with at most one thing to do about them.
import { useText } from '../i18n';
import { IconButton } from './button';
import { useWatched } from '../base/watch';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'good' | 'bad';
  action?: { label: string; run: () => void };
  lasting?: boolean; // until it is dismissed
}

const seconds = { plain: 6, good: 5, bad: 12 };
const withAction = 12; // seconds: time to read it, and to reach the button
let shown: Toast[] = [];
let last = 0;
const watchers = new Set<() => void>();

function change(next: Toast[]): void {
  shown = next;
  for (const watcher of watchers) watcher();
}

export function dismiss(id: number): void {
  change(shown.filter((toast) => toast.id !== id));
}

/** Shows it for some seconds; the answer is for `dismiss`. */
export function toast(message: string, { tone = 'plain', action, lasting }: { tone?: Toast['tone']; action?: Toast['action']; lasting?: boolean } = {}): number {
  const id = (last += 1);
  change([...shown.slice(-2), { id, text: message, tone, ...(action ? { action } : {}) }]);
  if (!lasting) setTimeout(() => dismiss(id), 1000 * (action ? withAction : seconds[tone]));
  return id;
}

const watch = (changed: () => void) => { watchers.add(changed); return () => { watchers.delete(changed); }; };
const read = () => shown;

/** Where they appear; once, in the shell. */
export function Toasts() {
  const { shell } = useText();
  const all = useWatched(watch, read);
  return (
    <div role="status" aria-live="polite" class="toasts pointer-events-none fixed inset-x-0 bottom-[calc(4.75rem+env(safe-area-inset-bottom))] z-40 flex flex-col items-center gap-2 px-3 md:bottom-6">
      {all.map((one) => (
        <div key={one.id} data-tone={one.tone} class="pointer-events-auto flex max-w-xl animate-rise items-center gap-1 rounded-xl bg-ink py-1 ps-4 pe-1 text-bg shadow-float data-[tone=bad]:bg-bad data-[tone=bad]:text-surface">
          <span class="py-2 pe-2">{one.text}</span>
          {one.action && (
            <button type="button" class="min-h-11 rounded-lg px-3 font-semibold underline underline-offset-4" onClick={() => { dismiss(one.id); one.action?.run(); }}>
              {one.action.label}
            </button>
          )}
          <IconButton icon="close" name={shell.dismiss} onClick={() => dismiss(one.id)} class="text-inherit! hover:bg-transparent! hover:opacity-70" />
        </div>
      ))}
    </div>
  );
}
