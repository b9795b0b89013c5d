// SPDX-License-Identifier: MIT
// Where in the import one is.
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { classes } from '../../ui/class';
import { Icon } from '../../ui/icon';

const steps = ['file', 'columns', 'options', 'run'] as const;
export type Step = (typeof steps)[number];

export function Stepper({ at }: { at: Step }) {
  const { importing } = useText();
  const names: Record<Step, string> = { file: importing.stepFile, columns: importing.stepColumns, options: importing.stepCheck, run: importing.stepRun };
  const here = steps.indexOf(at);
  return (
    <ol aria-label={importing.steps} class="flex border-b border-line bg-sunken/60 px-2 sm:px-4">
      {steps.map((step, index) => (
        <li key={step} aria-current={index === here ? 'step' : undefined}
          class={classes('flex min-w-0 items-center justify-center gap-2 border-b-2 px-2 py-3 text-sm sm:flex-1 sm:justify-start sm:px-3', index === here ? 'grow border-accent font-semibold text-ink' : 'grow border-transparent text-muted')}>
          <span aria-hidden="true" class={classes('grid size-6 shrink-0 place-items-center rounded-full text-xs font-semibold', index < here ? 'bg-good-soft text-good' : index === here ? 'bg-accent text-accent-ink' : 'border border-line bg-surface text-muted')}>
            {index < here ? <Icon name="check" size={16} /> : number(index + 1)}
          </span>
          <span class={classes(index !== here && 'truncate max-sm:sr-only')}>{names[step]}</span>
        </li>
      ))}
    </ol>
  );
}
