// SPDX-License-Identifier: MIT
// Bringing a collection in, and taking it out again.
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';
import { useWatched } from '../../base/watch';
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
import { sourceOfFile } from './source';
import { useDrop } from './use-drop';
import { currentWizard, open, watchWizard } from './wizard';

/** Leads to what is at work now, even if another tab or an earlier visit began it; not away from what is being prepared. */
function useRunning(idle: boolean): void {
  const { data } = useJobs();
  const [, navigate] = useLocation();
  const running = idle ? data?.find((job) => !isOver(job))?.id : undefined;
  useEffect(() => {
    if (running) navigate(`/import/${running}`, { replace: true });
  }, [running]);
}

/** The next step begins at its top, for those who see it and for those who hear it. */
function useArrival(at: string) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(at);
  useEffect(() => {
    if (before.current === at) return;
    before.current = at;
    place.current?.focus();
  }, [at]);
  return place;
}

function Steps({ job, over }: { job: string | undefined; over: boolean }) {
  const { step, sending } = useWatched(watchWizard, currentWizard);
  if (sending) return <SendingView sending={sending} />;
  if (job) return <JobView key={job} id={job} />;
  if (step === 'columns') return <Columns />;
  return step === 'options' ? <Options /> : <PickFile over={over} />;
}

export default function Import({ job }: { job?: string | undefined }) {
  const { importing } = useText();
  const { step, sending } = useWatched(watchWizard, currentWizard);
  const [, navigate] = useLocation();
  const at = sending || job ? 'run' : step;
  const place = useArrival(at);
  const over = useDrop((file) => {
    if (sending) return;
    navigate('/import');
    void open(() => sourceOfFile(file));
  });
  useRunning(!job && !sending && step === 'file');
  return (
    <div class="mx-auto max-w-5xl">
      <PageHeading title={importing.title} />
      <p class="-mt-3 mb-6 max-w-prose text-muted">{importing.lead}</p>
      <section class="card overflow-hidden" aria-label={importing.title}>
        <Stepper at={at} />
        <div ref={place} tabIndex={-1} class="p-4 outline-none sm:p-6"><Steps job={job} over={over} /></div>
      </section>
      <div class="mt-6 grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Former current={job} />
        <ExportCard />
      </div>
    </div>
  );
}
