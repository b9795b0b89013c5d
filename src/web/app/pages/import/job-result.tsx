// SPDX-License-Identifier: MIT
// What came of a job: counts, what could not be taken, and what one can do next.
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { useText, type Messages } from '../../i18n';
import { number } from '../../i18n/format';
import type { ImportJob, Job, UndoJob } from '../../api/jobs';
import { Button, ButtonLink } from '../../ui/button';
import { Icon, type IconName } from '../../ui/icon';
import { useWatched } from '../../base/watch';
import { Faults } from './faults';
import { UndoDialog } from './undo-dialog';
import { currentWizard, send, startAnew, watchWizard } from './wizard';

type Tone = 'good' | 'warn' | 'bad';
const tones: Record<Tone, string> = { good: 'bg-good-soft text-good', warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad' };

function outcome(job: Job, { importing }: Messages): { title: string; tone: Tone; icon: IconName; why?: string } {
  if (job.status === 'failed') return { title: importing.doneFailed, tone: 'bad', icon: 'warning', ...(job.error ? { why: job.error } : {}) };
  if (job.kind === 'undo') return { title: importing.doneUndo, tone: 'good', icon: 'undo' };
  if (job.status === 'cancelled') {
    return job.dryRun ? { title: importing.cancelledCheck, tone: 'warn', icon: 'close' } : { title: importing.doneCancelled, tone: 'warn', icon: 'close', why: importing.doneCancelledHint };
  }
  if (job.dryRun) return { title: importing.doneCheck, tone: job.failed > 0 ? 'warn' : 'good', icon: 'check' };
  return { title: job.added + job.merged > 0 ? importing.doneImport : importing.doneNothing, tone: 'good', icon: 'check' };
}

function Count({ value, label, tone }: { value: number; label: string; tone?: string | false }) {
  return (
    <div class="rounded-xl border border-line px-4 py-3">
      <dd class={`font-title text-2xl font-semibold tabular-nums ${tone || ''}`}>{number(value)}</dd>
      <dt class="text-sm text-muted">{label}</dt>
    </div>
  );
}

function Counts({ job }: { job: ImportJob }) {
  const { importing } = useText();
  return (
    <dl class="mt-5 grid grid-cols-2 gap-3 sm:grid-cols-4 [&>div]:flex [&>div]:flex-col-reverse [&>div]:justify-end">
      <Count value={job.added} label={job.dryRun ? importing.countWouldAdd : importing.countAdded} tone={job.added > 0 && 'text-good'} />
      <Count value={job.merged} label={job.dryRun ? importing.countWouldMerge : importing.countMerged} />
      <Count value={job.skipped} label={importing.countSkipped} />
      <Count value={job.failed} label={importing.countFailed} tone={job.failed > 0 && 'text-bad'} />
    </dl>
  );
}

function UndoCounts({ job: { result: { removed, restored, kept } } }: { job: UndoJob }) {
  const { importing } = useText();
  return <p class="mt-4">{importing.undoResult(number(removed), number(restored), number(kept))}</p>;
}

/** What to do after a check: the same file for good, while it is still at hand. */
function AfterCheck() {
  const { importing } = useText();
  const { draft } = useWatched(watchWizard, currentWizard);
  const [, navigate] = useLocation();
  if (!draft) return null;
  const run = async () => {
    const job = await send(false);
    if (job) navigate(`/import/${job.id}`, { replace: true });
  };
  return <Button look="main" onClick={() => void run()}>{importing.start}</Button>;
}

function Actions({ job, onUndo }: { job: Job; onUndo: () => void }) {
  const { importing } = useText();
  const [, navigate] = useLocation();
  const again = () => { startAnew(); navigate('/import'); };
  const checked = job.kind === 'import' && job.dryRun && job.status === 'done';
  const changed = job.kind === 'import' && !job.dryRun && job.added + job.merged > 0;
  return (
    <div class="mt-6 flex flex-wrap gap-2">
      {checked && <AfterCheck />}
      {changed && !job.undoneBy && <ButtonLink href="/records?sort=-updatedAt" look="main" icon="record">{importing.showNew}</ButtonLink>}
      {job.kind === 'undo' && <ButtonLink href="/records/trash" icon="trash">{importing.toTrash}</ButtonLink>}
      <Button icon="upload" onClick={again}>{importing.again}</Button>
      {changed && job.undoable && <Button icon="undo" data-step="undo" onClick={onUndo}>{importing.undo}</Button>}
    </div>
  );
}

export function JobResult({ job }: { job: Job }) {
  const messages = useText();
  const { title, tone, icon, why } = outcome(job, messages);
  const [asking, setAsking] = useState(false);
  return (
    <div>
      <div class="flex items-center gap-4" role="status">
        <span class={`grid size-14 shrink-0 place-items-center rounded-full ${tones[tone]}`}><Icon name={icon} size={30} /></span>
        <div>
          <h2 class="font-title text-xl font-semibold sm:text-2xl">{title}</h2>
          {why && <p class="text-muted">{why}</p>}
          {job.undoneBy && <p class="text-muted">{messages.importing.undone}</p>}
        </div>
      </div>
      {job.kind === 'undo' ? <UndoCounts job={job} /> : <Counts job={job} />}
      <Actions job={job} onUndo={() => setAsking(true)} />
      {job.kind === 'import' && job.failed > 0 && <Faults job={job} />}
      {asking && <UndoDialog job={job} onClose={() => setAsking(false)} />}
    </div>
  );
}
