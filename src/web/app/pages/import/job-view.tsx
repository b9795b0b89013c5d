// SPDX-License-Identifier: MIT
// The last step: a job at work, and what came of it.
import { useMutation } from '@tanstack/preact-query';
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { cancelJob, countedOf, doneOf, isOver, jobKey, type Job } from '../../api/jobs';
import { queries } from '../../api/queries';
import { Problem } from '../../api/problem';
import { Button, ButtonLink } from '../../ui/button';
import { Empty, Waiting } from '../../ui/page';
import { Progress } from '../../ui/progress';
import { toast } from '../../ui/toast';
import { faultText } from '../../ui/fault-text';
import { JobResult } from './job-result';
import { fractionOf } from './speed';
import { useJob, useSpeed } from './use-job';
import { duration, percent } from './words';

function useWhat(job: Job): string {
  const { importing } = useText();
  if (job.kind === 'undo') return importing.undoing;
  if (job.status === 'queued') return importing.queued;
  return job.dryRun ? importing.checking : importing.importing;
}

function Running({ job }: { job: Job }) {
  const messages = useText();
  const { importing } = messages;
  const what = useWhat(job);
  const { rowsPerSecond, secondsLeft } = useSpeed(job);
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSuccess: (after) => queries.setQueryData(jobKey(job.id), after),
    onError: (error) => toast(faultText(error, messages), { tone: 'bad' }),
  });
  const [part, total] = doneOf(job);
  const done = fractionOf({ done: part, total });
  const left = secondsLeft === null ? '' : secondsLeft < 1 ? importing.almost : importing.left(duration(secondsLeft));
  return (
    <div class="py-4">
      <div class="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 class="font-title text-xl font-semibold">{what}</h2>
        <span class="font-title text-2xl font-semibold text-accent tabular-nums">{done === null ? '' : percent(done)}</span>
      </div>
      <div class="mt-3"><Progress value={job.status === 'queued' ? null : done} label={what} /></div>
      <p class="mt-2 flex min-h-6 flex-wrap justify-between gap-x-4 text-sm text-muted tabular-nums">
        <span>{job.kind === 'undo' ? importing.records(countedOf(job), number(countedOf(job))) : importing.rows(countedOf(job), number(countedOf(job)))}{rowsPerSecond === null ? '' : ` · ${(job.kind === 'undo' ? importing.perRecords : importing.perSecond)(number(rowsPerSecond, { maximumSignificantDigits: 2 }))}`}</span>
        <span>{left}</span>
      </p>
      <p class="sr-only" role="status">{done === null ? what : `${what}: ${percent(Math.floor(done * 4) / 4)}`}</p>
      <p class="mt-4 text-muted">{importing.leaveHint}</p>
      {job.kind === 'import' && <div class="mt-5"><Button icon="close" busy={cancel.isPending} onClick={() => cancel.mutate()}>{importing.cancel}</Button></div>}
    </div>
  );
}

export function JobView({ id }: { id: string }) {
  const messages = useText();
  const { importing, shell } = messages;
  const { data: job, error, refetch } = useJob(id);
  if (job) return isOver(job) ? <JobResult job={job} /> : <Running job={job} />;
  if (!error) return <Waiting />;
  const gone = error instanceof Problem && error.status === 404;
  return (
    <Empty icon="history" title={gone ? importing.noJob : faultText(error, messages)}
      actions={gone ? <ButtonLink href="/import" look="main">{importing.again}</ButtonLink> : <Button onClick={() => void refetch()}>{shell.retry}</Button>}>
      {gone && importing.noJobWhy}
    </Empty>
  );
}

