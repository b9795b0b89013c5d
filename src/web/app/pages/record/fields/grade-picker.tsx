// SPDX-License-Identifier: MIT
// Choosing a grade, with what each of them means beside it.
import { useRef, useState } from 'preact/hooks';
import type { Grade } from '../../../api/types';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/class';
import { Dialog } from '../../../ui/dialog';
import { Icon } from '../../../ui/icon';
import { GRADES, type GradeStem, gradeByTyping, gradeStem } from '../model/grades';
import { GradeChip } from '../parts/grade';

const stems: GradeStem[] = ['M', 'NM', 'EX', 'VG', 'G', 'F', 'P'];
const TYPING_PAUSE = 1200; // milliseconds

interface Props {
  /** What is graded. */
  label: string;
  value: Grade | null;
  onChange: (grade: Grade | null) => void;
  /** What no grade means here. */
  none?: string | undefined;
  /** The label stands beside it already. */
  bare?: boolean;
  class?: string;
}

export function GradePicker({ label, value, onChange, none, bare, class: more }: Props) {
  const { record } = useText();
  const [open, setOpen] = useState(false);
  const unset = none ?? record.grades.none;
  return (
    <div class={classes('flex flex-col gap-1.5', more)}>
      {!bare && <span class="font-medium" aria-hidden="true">{label}</span>}
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}
        class="flex min-h-11 w-full items-center gap-2 rounded-lg border border-edge bg-surface px-2 py-1 text-start hover:bg-sunken">
        <span class="sr-only">{label}: </span>
        {value ? <GradeChip grade={value} /> : <span class="truncate px-1 text-muted">{unset}</span>}
        {value && !bare && <span class="truncate text-sm text-muted">{record.grades.names[gradeStem(value)]}</span>}
        <Icon name="down" size={18} class="ms-auto text-muted" />
      </button>
      {open && <Choice label={label} value={value} none={unset} onClose={() => setOpen(false)} onChoose={(grade) => { setOpen(false); onChange(grade); }} />}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: Grade | null;
  none: string;
  onChoose: (grade: Grade | null) => void;
  onClose: () => void;
}

/** What was typed within moments, for jumping to a grade: "vg+". */
function useTyping(): (key: string, at: number) => string {
  const typed = useRef({ text: '', at: 0 });
  return (key, at) => {
    const goesOn = at - typed.current.at < TYPING_PAUSE;
    typed.current = { text: (goesOn ? typed.current.text : '') + key, at };
    return typed.current.text;
  };
}

/** How many grades a key goes on by; sideways as the page reads. */
function stepOf(key: string): number | undefined {
  const onward = document.dir === 'rtl' ? -1 : 1;
  return { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -onward, ArrowRight: onward }[key];
}

function Choice({ label, value, none, onChoose, onClose }: ChoiceProps) {
  const { record: { grades } } = useText();
  const group = useRef<HTMLDivElement>(null);
  const typing = useTyping();
  const focus = (grade: string): void => group.current?.querySelector<HTMLElement>(`[data-grade="${grade}"]`)?.focus();
  const order = ['', ...GRADES];

  const pressed = (event: KeyboardEvent): void => {
    const at = order.indexOf((event.target as HTMLElement).dataset['grade'] ?? '');
    const by = stepOf(event.key);
    if (by !== undefined) {
      event.preventDefault();
      focus(order[(at + by + order.length) % order.length] ?? '');
    } else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) {
      const found = gradeByTyping(typing(event.key, event.timeStamp));
      if (found) focus(found);
    }
  };
  const option = (grade: Grade | null, text: preact.ComponentChildren) => (
    <button key={grade ?? ''} type="button" role="radio" aria-checked={value === grade} data-grade={grade ?? ''} tabIndex={value === grade ? 0 : -1}
      autofocus={value === grade} onClick={() => onChoose(grade)}
      class="grid min-h-11 min-w-15 place-items-center rounded-lg border border-line px-1.5 hover:bg-sunken aria-checked:border-2 aria-checked:border-accent">
      {text}
    </button>
  );

  return (
    <Dialog title={grades.pick(label)} onClose={onClose}>
      <p class="mb-4 text-sm text-muted">{grades.hint} {grades.signs}</p>
      <div ref={group} role="radiogroup" aria-label={label} onKeyDown={pressed} class="flex flex-col gap-4">
        <div class="flex">{option(null, <span class="px-2">{none}</span>)}</div>
        {stems.map((stem) => (
          <section key={stem} class="grid gap-x-4 gap-y-1.5 sm:grid-cols-[13rem_1fr]">
            <div class="flex flex-wrap content-start gap-1.5">{GRADES.filter((grade) => gradeStem(grade) === stem).map((grade) => option(grade, <GradeChip grade={grade} />))}</div>
            <div>
              <h3 class="font-medium">{grades.names[stem]}</h3>
              <p class="text-sm text-muted">{grades.means[stem]}</p>
            </div>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
