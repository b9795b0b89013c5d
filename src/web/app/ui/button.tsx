// SPDX-License-Identifier: MIT
// Buttons, and links that look like them.
import type { ComponentChildren, JSX } from 'preact';
import { Link } from 'wouter-preact';
import { classes } from './class';
import { Icon, type IconName } from './icon';

export type Look = 'main' | 'plain' | 'quiet' | 'danger';

const looks: Record<Look, string> = {
  main: 'bg-accent text-accent-ink hover:brightness-110',
  plain: 'border border-edge bg-surface text-ink hover:bg-sunken',
  quiet: 'text-ink hover:bg-sunken',
  danger: 'bg-bad text-surface hover:brightness-110',
};

const shape = 'inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 py-2 font-medium no-underline transition-[filter,background-color] disabled:opacity-55 aria-busy:opacity-70';

interface Common { look?: Look; icon?: IconName; small?: boolean; class?: string; children?: ComponentChildren }

const classOf = ({ look = 'plain', small, class: more }: Common) => classes(shape, looks[look], small && 'min-h-9! px-3! py-1! text-sm', more);

type ButtonProps = Common & Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'class' | 'icon'> & { busy?: boolean };

/** `busy`: at work; it cannot be pressed twice. */
export function Button({ look, icon, small, class: more, children, busy, disabled, type = 'button', ...rest }: ButtonProps) {
  return (
    <button {...rest} type={type} class={classOf({ look, small, class: more })} aria-busy={busy} disabled={Boolean(disabled) || busy}>
      {icon && <Icon name={icon} size={small ? 18 : 20} />}
      {children}
    </button>
  );
}

/** Its name is for screen readers and the tooltip. */
export function IconButton({ name, icon, look = 'quiet', class: more, ...rest }: { name: string; icon: IconName } & Omit<ButtonProps, 'children' | 'name'>) {
  return (
    <button {...rest} type="button" title={name} aria-label={name} class={classes('inline-grid size-11 shrink-0 place-items-center rounded-lg disabled:opacity-50', looks[look], more)}>
      <Icon name={icon} />
    </button>
  );
}

export function ButtonLink({ href, look, icon, small, class: more, children }: Common & { href: string }) {
  return (
    <Link href={href} class={classOf({ look, small, class: more })}>
      {icon && <Icon name={icon} size={small ? 18 : 20} />}
      {children}
    </Link>
  );
}
