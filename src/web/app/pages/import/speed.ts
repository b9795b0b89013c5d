// SPDX-License-Identifier: MIT
// How fast a job is and how long it will still take, from what it tells of itself now and then.

export interface Sample {
  /** When it was heard, in milliseconds. */
  readonly at: number;
  readonly rows: number;
  /** Of what is to be done, in bytes or records. */
  readonly done: number;
  readonly total: number;
}

export interface Speed {
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

const WINDOW = 8000;
const LEAST = 400;

/** Keeps what was heard in the last seconds; what goes backwards (another job) begins anew. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples[samples.length - 1];
  if (last && (sample.rows < last.rows || sample.at < last.at)) return [sample];
  if (last && sample.rows === last.rows && sample.done === last.done) return samples;
  return [...samples.filter((one, at) => at === samples.length - 1 || one.at >= sample.at - WINDOW), sample];
}

/** Null where it is too early to tell. */
export function speedOf(samples: readonly Sample[]): Speed {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (!first || !last || last.at - first.at < LEAST) return { rowsPerSecond: null, secondsLeft: null };
  const seconds = (last.at - first.at) / 1000;
  const donePerSecond = (last.done - first.done) / seconds;
  const left = Math.max(0, last.total - last.done);
  return {
    rowsPerSecond: (last.rows - first.rows) / seconds,
    secondsLeft: donePerSecond > 0 ? left / donePerSecond : null,
  };
}

/** From 0 to 1; null while the whole is not known. */
export function fractionOf(sample: Pick<Sample, 'done' | 'total'>): number | null {
  return sample.total > 0 ? Math.min(1, sample.done / sample.total) : null;
}
