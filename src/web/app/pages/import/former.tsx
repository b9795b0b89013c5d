// SPDX-License-Identifier: MIT
// What was imported before, each with its undo.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useText } from '../../i18n';
import { date, number } from '../../i18n/format';
import { isOver, type ImportJob, type Job } from '../../api/jobs';
import { Button } from '../../ui/button';
import { UndoDialog } from './undo-dialog';
import { useJobs } from './use-job';

const tones: Record<string, string> = { done: 'bg-good-soft text-good', failed: 'bg-bad-soft text-bad', cancelled: 'bg-warn-soft text-warn' };

type Counted = 'added' | 'merged' | 'skipped' | 'failed';

/** What there was of each; always how many came in. */
const counts = (job: ImportJob): [Counted, number][] =>
  (['added', 'merged', 'skipped', 'failed'] as const).map((name): [Counted, number] => [name, job[name]]).filter(([name, value]) => name === 'added' || value > 0);

function One({ job, current, onUndo }: { job: ImportJob; current: boolean; onUndo: () => void }) {
  const { importing } = useText();
  return (
    <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-3 first:border-t-0">
      <div class="min-w-0 grow basis-52">
        <p class="flex flex-wrap items-center gap-2">
          <Link href={`/import/${job.id}`} aria-current={current ? 'page' : undefined} class="font-medium text-ink underline-offset-2 hover:underline">{date(job.createdAt, { dateStyle: 'medium', timeStyle: 'short' })}</Link>
          <span class={`rounded-full px-2 py-0.5 text-xs font-medium ${tones[job.undoneBy ? 'cancelled' : job.status] ?? 'bg-sunken text-muted'}`}>{job.undoneBy ? importing.undone : importing.status[job.status]}</span>
        </p>
        <p class="text-sm text-muted">{counts(job).map(([name, value]) => importing.formerCounts[name](number(value))).join(' · ')}</p>
      </div>
      {job.undoable && isOver(job) && job.added + job.merged > 0 && <Button small icon="undo" onClick={onUndo}>{importing.undo}</Button>}
    </li>
  );
}

export function Former({ current }: { current: string | undefined }) {
  const { importing } = useText();
  const { data, isPending } = useJobs();
  const [asked, setAsked] = useState<Job | null>(null);
  const former = (data ?? []).filter((job): job is ImportJob => job.kind === 'import' && !job.dryRun);
  return (
    <section class="card p-5" aria-labelledby="former-imports">
      <h2 id="former-imports" class="mb-2 font-title text-lg font-semibold">{importing.former}</h2>
      {!isPending && former.length === 0 && <p class="text-muted">{importing.formerNone}</p>}
      <ul>{former.map((job) => <One key={job.id} job={job} current={job.id === current} onUndo={() => setAsked(job)} />)}</ul>
      {asked && <UndoDialog job={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}
