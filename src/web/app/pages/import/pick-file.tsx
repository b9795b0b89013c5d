// SPDX-License-Identifier: MIT
// The first step: a file that is dropped or chosen, or rows that are pasted.
import { useRef, useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { classes } from '../../ui/class';
import { Fault, Field } from '../../ui/field';
import { Icon } from '../../ui/icon';
import { useWatched } from '../../base/watch';
import { sourceOfFile, sourceOfText } from './source';
import { currentWizard, open, watchWizard } from './wizard';
import { importFault } from './words';

const openFile = (file: File): void => void open(() => sourceOfFile(file));

function Paste() {
  const { importing } = useText();
  const [rows, setRows] = useState('');
  return (
    <form class="mt-4 flex flex-col gap-3 text-start" onSubmit={(event) => { event.preventDefault(); void open(() => sourceOfText(rows, importing.pasteName)); }}>
      <Field label={importing.pasteLabel} hint={importing.pasteHint}>
        {(control) => <textarea {...control} rows={7} spellcheck={false} dir="auto" class="field font-mono text-sm" value={rows} onInput={(event) => setRows(event.currentTarget.value)} />}
      </Field>
      <div><Button type="submit" disabled={rows.trim() === ''}>{importing.pasteUse}</Button></div>
    </form>
  );
}

function HowTo() {
  const { importing } = useText();
  return (
    <details class="group mt-5 rounded-lg border border-line px-4">
      <summary class="flex min-h-11 list-none items-center gap-2 py-2 font-medium">
        <Icon name="chevron" size={18} class="transition-transform group-open:rotate-90 rtl:group-open:-rotate-90" />
        {importing.howDiscogs}
      </summary>
      <ol class="mb-4 ms-6 list-decimal space-y-1.5 ps-4 text-muted">{importing.howDiscogsSteps.map((step) => <li key={step}>{step}</li>)}</ol>
    </details>
  );
}

/** `over`: a file is being dragged over the page. */
export function PickFile({ over }: { over: boolean }) {
  const messages = useText();
  const { importing } = messages;
  const { reading, fault } = useWatched(watchWizard, currentWizard);
  const input = useRef<HTMLInputElement>(null);
  const [pasting, setPasting] = useState(false);
  return (
    <div>
      <div class={classes('flex flex-col items-center rounded-xl border-2 border-dashed px-4 py-10 text-center transition-colors sm:py-14', over ? 'border-accent bg-accent-soft' : 'border-edge/60 bg-sunken/50')}>
        <span class="mb-4 grid size-16 place-items-center rounded-full bg-accent-soft text-accent"><Icon name="upload" size={30} /></span>
        <h2 class="font-title text-xl font-semibold">{over ? importing.dropNow : importing.drop}</h2>
        <p class="mt-1 max-w-md text-muted">{importing.accepts}</p>
        <input ref={input} type="file" accept=".csv,.tsv,.txt,text/csv,text/plain" class="sr-only" tabIndex={-1} aria-label={importing.choose}
          onChange={(event) => { const file = event.currentTarget.files?.[0]; event.currentTarget.value = ''; if (file) openFile(file); }} />
        <div class="mt-5 flex flex-wrap justify-center gap-2">
          <Button look="main" icon="upload" busy={reading} onClick={() => input.current?.click()}>{reading ? importing.reading : importing.choose}</Button>
          <Button aria-expanded={pasting} onClick={() => setPasting(!pasting)}>{importing.paste}</Button>
        </div>
      </div>
      <div class="mt-3"><Fault text={fault ? importFault(fault, messages) : undefined} /></div>
      {pasting && <Paste />}
      <HowTo />
    </div>
  );
}
