// SPDX-License-Identifier: MIT
// A menu below its button: the browser's popover, with the arrow keys as menus have them.
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { classes } from './class';
import { Icon, type IconName } from './icon';

export interface MenuItem { label: string; icon?: IconName; checked?: boolean; danger?: boolean; run: () => void }

function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const height = menu.offsetHeight, width = menu.offsetWidth;
  const below = at.bottom + 4 + height <= innerHeight || at.top < height;
  const rtl = getComputedStyle(button).direction === 'rtl';
  const left = rtl ? at.left : at.right - width;
  menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
  menu.style.left = `${Math.min(Math.max(8, left), innerWidth - width - 8)}px`;
}

/** `button` is the class of the button; its text is `children`; `name` serves where that is only an icon. */
export function Menu({ items, children, name, class: more }: { items: MenuItem[]; children: ComponentChildren; name?: string; class?: string }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const entries = () => [...(menu.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  const move = (event: KeyboardEvent) => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[next % all.length]?.focus();
  };
  const toggled = (event: { newState: string }) => {
    const now = event.newState === 'open';
    setOpen(now);
    if (!now || !menu.current || !button.current) return;
    place(menu.current, button.current);
    entries()[0]?.focus();
  };
  return (
    <>
      <button ref={button} type="button" popovertarget={id} aria-haspopup="menu" aria-expanded={open} aria-label={name} title={name} class={more}>{children}</button>
      <div ref={menu} id={id} popover="auto" role="menu" onKeyDown={move} onToggle={(event) => toggled(event as unknown as { newState: string })}
        class="fixed inset-auto m-0 min-w-48 max-w-[92vw] rounded-xl border border-line bg-surface p-1.5 text-ink shadow-float">
        {items.map((item) => (
          <button key={item.label} type="button" tabIndex={-1} role={item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={item.checked}
            class={classes('flex min-h-10 w-full items-center gap-3 rounded-lg px-3 py-1.5 text-start hover:bg-sunken focus-visible:bg-sunken', item.danger && 'text-bad')}
            onClick={() => { menu.current?.hidePopover(); item.run(); }}>
            {item.icon && <Icon name={item.icon} />}
            <span class="grow">{item.label}</span>
            {item.checked && <Icon name="check" size={18} />}
          </button>
        ))}
      </div>
    </>
  );
}
