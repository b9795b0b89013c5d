// SPDX-License-Identifier: MIT
// The third step: what becomes of records that are there already, and whether to check first.
import { useLocation } from 'wouter-preact';
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Fault } from '../../ui/field';
import { useWatched } from '../../base/watch';
import { chooseDuplicates, currentWizard, goTo, send, watchWizard, type Duplicates } from './wizard';
import { importFault } from './words';

function Choice({ value, label, hint, chosen }: { value: Duplicates; label: string; hint: string; chosen: boolean }) {
  return (
    <label class="flex cursor-pointer gap-3 rounded-xl border border-line p-4 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus">
      <input type="radio" name="duplicates" value={value} checked={chosen} onChange={() => chooseDuplicates(value)} class="mt-1 size-4 shrink-0 accent-accent" />
      <span><span class="block font-medium">{label}</span><span class="block text-sm text-muted">{hint}</span></span>
    </label>
  );
}

export function Options() {
  const messages = useText();
  const { importing, shell } = messages;
  const { draft, fault } = useWatched(watchWizard, currentWizard);
  const [, navigate] = useLocation();
  if (!draft) return null;
  const run = async (dryRun: boolean) => {
    const job = await send(dryRun);
    if (job && location.pathname.startsWith('/import')) navigate(`/import/${job.id}`);
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); void run(false); }}>
      <fieldset>
        <legend class="font-title text-lg font-semibold">{importing.duplicates}</legend>
        <p class="mb-4 text-muted">{importing.duplicatesHint}</p>
        <div class="grid gap-3 md:grid-cols-3">
          <Choice value="skip" label={importing.skip} hint={importing.skipHint} chosen={draft.duplicates === 'skip'} />
          <Choice value="merge" label={importing.merge} hint={importing.mergeHint} chosen={draft.duplicates === 'merge'} />
          <Choice value="add" label={importing.add} hint={importing.addHint} chosen={draft.duplicates === 'add'} />
        </div>
      </fieldset>
      <div class="mt-4"><Fault text={fault ? importFault(fault, messages) : undefined} /></div>
      <div class="mt-5 flex flex-wrap items-center gap-3 border-t border-line pt-4">
        <Button icon="back" onClick={() => goTo('columns')}>{shell.back}</Button>
        <span class="grow" />
        <p class="text-sm text-muted max-sm:order-last max-sm:w-full">{importing.dryRunHint}</p>
        <Button onClick={() => void run(true)}>{importing.dryRun}</Button>
        <Button look="main" type="submit" data-step="start">{importing.start}</Button>
      </div>
    </form>
  );
}
