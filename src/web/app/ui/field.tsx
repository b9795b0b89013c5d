// SPDX-License-Identifier: MIT
// A labelled form field with its hint and its fault, tied together for screen readers.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useText } from '../i18n';
import { classes } from './class';
import { Icon } from './icon';

/** What the control inside takes over. */
export interface Control { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean | undefined; required: boolean | undefined }

interface Props {
  label: string;
  hint?: string | undefined;
  fault?: string | undefined;
  required?: boolean;
  class?: string;
  children: (control: Control) => ComponentChildren;
}

export function Field({ label, hint, fault, required, class: more, children }: Props) {
  const id = useId();
  const { shell } = useText();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  return (
    <div class={classes('flex flex-col gap-1.5', more)}>
      <label for={id} class="font-medium">
        {label}
        {required && <span class="ms-1 text-bad" aria-hidden="true" title={shell.required}>*</span>}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': fault ? true : undefined, required })}
      {hint && <p id={`${id}-hint`} class="text-sm text-muted">{hint}</p>}
      <Fault id={`${id}-fault`} text={fault} />
    </div>
  );
}

/** What is wrong, told at once to those who do not see it. */
export function Fault({ id, text }: { id?: string; text: string | undefined }) {
  return (
    <p id={id} role="alert" class="flex items-start gap-1.5 text-sm text-bad empty:hidden">
      {text && <><Icon name="warning" size={18} /><span>{text}</span></>}
    </p>
  );
}
