// SPDX-License-Identifier: MIT
// Bringing a collection in, and taking it out again.
import { useEffect } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';
import { useWatched } from '../../ui/watch';
import { isOver } from '../../api/jobs';
import { Columns } from './columns';
import { ExportCard } from './export-card';
import { Former } from './former';
import { JobView } from './job-view';
import { Options } from './options';
import { PickFile } from './pick-file';
import { SendingView } from './sending';
import { Stepper } from './stepper';
import { useJobs } from './use-job';
import { currentWizard, watchWizard } from './wizard';

/** Leads to what is at work now, even if another tab or an earlier visit began it; not away from what is being prepared. */
function useRunning(idle: boolean): void {
  const { data } = useJobs();
  const [, navigate] = useLocation();
  const running = idle ? data?.find((job) => !isOver(job))?.id : undefined;
  useEffect(() => {
    if (running) navigate(`/import/${running}`, { replace: true });
  }, [running]);
}

function Steps({ job }: { job: string | undefined }) {
  const { step, sending } = useWatched(watchWizard, currentWizard);
  if (sending) return <SendingView sending={sending} />;
  if (job) return <JobView key={job} id={job} />;
  if (step === 'columns') return <Columns />;
  return step === 'options' ? <Options /> : <PickFile />;
}

export default function Import({ job }: { job?: string | undefined }) {
  const { importing } = useText();
  const { step, sending } = useWatched(watchWizard, currentWizard);
  useRunning(!job && !sending && step === 'file');
  return (
    <div class="mx-auto max-w-5xl">
      <PageHeading title={importing.title} />
      <p class="-mt-3 mb-6 max-w-prose text-muted">{importing.lead}</p>
      <section class="card overflow-hidden" aria-label={importing.title}>
        <Stepper at={sending || job ? 'run' : step} />
        <div class="p-4 sm:p-6"><Steps job={job} /></div>
      </section>
      <div class="mt-6 grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Former current={job} />
        <ExportCard />
      </div>
    </div>
  );
}
