// SPDX-License-Identifier: MIT
// One of a few, all in sight.
import { useId } from 'preact/hooks';

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onValue: (value: T) => void;
}

export function Choice<T extends string>({ label, value, options, onValue }: Props<T>) {
  const name = useId();
  return (
    <fieldset>
      <legend class="mb-1.5 font-medium">{label}</legend>
      <div class="flex flex-wrap gap-2">
        {options.map(([option, words]) => (
          <label key={option} class="flex min-h-11 cursor-pointer items-center gap-2 rounded-lg border border-edge px-4 has-checked:border-accent has-checked:bg-accent-soft has-checked:font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus">
            <input class="size-4 accent-(--accent)" type="radio" name={name} checked={value === option} onChange={() => onValue(option)} />
            {words}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Check({ label, checked, onChecked, disabled }: { label: string; checked: boolean; onChecked: (checked: boolean) => void; disabled?: boolean }) {
  return (
    <label class="flex min-h-11 cursor-pointer items-center gap-3">
      <input class="size-5 accent-(--accent)" type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChecked(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
