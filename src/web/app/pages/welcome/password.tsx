// SPDX-License-Identifier: MIT
// A password field that can be looked into.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { Field } from '../../ui/field';

interface Props {
  label: string;
  name: string;
  autocomplete: 'current-password' | 'new-password';
  value: string;
  hint?: string | undefined;
  fault?: string | undefined;
  focus?: boolean;
  onValue: (value: string) => void;
}

export function PasswordField({ label, name, autocomplete, value, hint, fault, focus, onValue }: Props) {
  const { entry } = useText().account;
  const [seen, setSeen] = useState(false);
  const changed = (event: JSX.TargetedInputEvent<HTMLInputElement>) => onValue(event.currentTarget.value);
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(control) => (
        <div class="relative">
          <input {...control} class="field pe-14!" type={seen ? 'text' : 'password'} name={name} autocomplete={autocomplete} value={value}
            spellcheck={false} autocapitalize="off" autofocus={focus} onInput={changed} />
          <button type="button" class="absolute inset-y-0 end-0 grid w-12 place-items-center rounded-lg text-muted hover:text-ink" aria-pressed={seen}
            aria-label={seen ? entry.hide : entry.show} title={seen ? entry.hide : entry.show} onClick={() => setSeen(!seen)}>
            <Eye open={seen} />
          </button>
        </div>
      )}
    </Field>
  );
}

function Eye({ open }: { open: boolean }) {
  return (
    <svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" aria-hidden="true" focusable="false">
      <path d="M3 12s3-6 9-6 9 6 9 6-3 6-9 6-9-6-9-6zm9-2.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5" />
      {!open && <path d="M4 4l16 16" />}
    </svg>
  );
}
