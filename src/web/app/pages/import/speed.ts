// SPDX-License-Identifier: MIT
// How fast a job is and how long it will still take, from what it tells of itself now and then.

export interface Sample {
  /** When it was heard, in milliseconds. */
  readonly at: number;
  readonly rows: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
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
  if (last && sample.rows === last.rows && sample.bytesDone === last.bytesDone) return samples;
  return [...samples.filter((one, at) => at === samples.length - 1 || one.at >= sample.at - WINDOW), sample];
}

/** Null where it is too early to tell. */
export function speedOf(samples: readonly Sample[]): Speed {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (!first || !last || last.at - first.at < LEAST) return { rowsPerSecond: null, secondsLeft: null };
  const seconds = (last.at - first.at) / 1000;
  const bytesPerSecond = (last.bytesDone - first.bytesDone) / seconds;
  const left = Math.max(0, last.bytesTotal - last.bytesDone);
  return {
    rowsPerSecond: (last.rows - first.rows) / seconds,
    secondsLeft: bytesPerSecond > 0 ? left / bytesPerSecond : null,
  };
}

/** From 0 to 1; null while the whole is not known. */
export function fractionOf(sample: Pick<Sample, 'bytesDone' | 'bytesTotal'>): number | null {
  return sample.bytesTotal > 0 ? Math.min(1, sample.bytesDone / sample.bytesTotal) : null;
}
