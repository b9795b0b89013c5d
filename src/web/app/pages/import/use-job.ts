// SPDX-License-Identifier: MIT
// A job as it is now: told by events, and asked for now and then where those do not come.
import { useQuery } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
import { eventsAreLive } from '../../api/events';
import { countedOf, doneOf, getJob, isOver, jobKey, jobsKey, laterOf, listedAs, listJobs, type Job } from '../../api/jobs';
import { queries } from '../../api/queries';
import { addSample, speedOf, type Sample, type Speed } from './speed';

/** Milliseconds between questions: seldom where events should tell anyway. */
const pauseOf = (job: Job | undefined): number | false => (job && isOver(job) ? false : eventsAreLive() ? 10_000 : 1_000);

export function useJob(id: string) {
  return useQuery({
    queryKey: jobKey(id),
    queryFn: async ({ signal }) => {
      const job = laterOf(queries.getQueryData<Job>(jobKey(id)), await getJob(id, signal));
      queries.setQueryData<Job[]>(jobsKey, (list) => listedAs(list, job));
      return job;
    },
    refetchInterval: (query) => pauseOf(query.state.data),
  });
}

export function useJobs() {
  return useQuery({ queryKey: jobsKey, queryFn: ({ signal }) => listJobs(signal) });
}

/** How fast it is, from what was told while somebody looked. */
export function useSpeed(job: Job): Speed {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    const [done, total] = doneOf(job);
    setSamples((before) => addSample(before, { at: performance.now(), rows: countedOf(job), done, total }));
  }, [job]);
  return speedOf(samples);
}
