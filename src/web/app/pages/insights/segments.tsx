// SPDX-License-Identifier: MIT
// A choice of few, all in sight: radio buttons that look like one button in parts.
import { useId } from 'preact/hooks';

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, label: string])[];
  onChange: (value: T) => void;
}

export function Segments<T extends string>({ label, value, options, onChange }: Props<T>) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} class="inline-flex rounded-lg border border-line bg-sunken p-0.5 text-sm">
      {options.map(([option, text]) => (
        <label key={option} class="relative inline-flex min-h-8 cursor-pointer items-center rounded-md px-3 text-muted has-checked:bg-surface has-checked:font-medium has-checked:text-ink has-checked:shadow-card has-focus-visible:outline-2 has-focus-visible:outline-focus">
          <input type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} class="absolute inset-0 cursor-pointer opacity-0" />
          {text}
        </label>
      ))}
    </div>
  );
}
