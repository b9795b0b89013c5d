// SPDX-License-Identifier: MIT
// The rows that could not be taken, and the report that has all of them.
import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { request } from '../../api/client';
import { reportPathOf, type ImportJob } from '../../api/jobs';
import { Button } from '../../ui/button';
import { Fault } from '../../ui/field';
import { faultText } from '../../ui/fault-text';
import { readReport } from './report';
import { download } from './save';

const SHOWN = 100;

/** The beginning of the report; the rest of a long one is not waited for. */
async function firstFaults(job: ImportJob, signal: AbortSignal) {
  const response = await request('GET', reportPathOf(job.id), { headers: { accept: 'text/csv' }, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let more = true; more && reader; ) {
    const { done, value } = await reader.read();
    text += value ?? '';
    more = !done && text.length < SHOWN * 400;
    if (!more && !done) await reader.cancel();
  }
  return readReport(text, SHOWN);
}

export function Faults({ job }: { job: ImportJob }) {
  const messages = useText();
  const { importing } = messages;
  const [fault, setFault] = useState<unknown>(null);
  const { data = [], error } = useQuery({ queryKey: ['jobs', job.id, 'faults'], queryFn: ({ signal }) => firstFaults(job, signal), staleTime: Infinity });
  const save = () => download({ path: reportPathOf(job.id), name: importing.reportName, type: 'text/csv' }).catch(setFault);
  return (
    <section class="mt-8">
      <div class="mb-3 flex flex-wrap items-start justify-between gap-3">
        <div class="max-w-prose">
          <h3 class="font-title text-lg font-semibold">{importing.faults}</h3>
          <p class="text-sm text-muted">{importing.faultsHint}</p>
        </div>
        <Button small icon="download" onClick={() => void save()}>{importing.report}</Button>
      </div>
      <Fault text={fault ?? error ? faultText(fault ?? error, messages) : undefined} />
      {data.length > 0 && (
        <div class="max-h-96 overflow-auto rounded-xl border border-line" tabIndex={0} role="region" aria-label={importing.faults}>
          <table class="w-full text-sm [overflow-wrap:normal]">
            <thead class="sticky top-0 bg-sunken text-muted">
              <tr><th scope="col" class="px-3 py-2 text-end font-medium">{importing.faultRow}</th><th scope="col" class="px-3 py-2 text-start font-medium">{importing.faultField}</th><th scope="col" class="px-3 py-2 text-start font-medium">{importing.faultMessage}</th></tr>
            </thead>
            <tbody>
              {data.map((one, at) => (
                <tr key={at} class="border-t border-line align-top">
                  <td class="px-3 py-2 text-end text-muted tabular-nums">{number(one.row)}</td>
                  <td class="px-3 py-2"><bdi>{importing.fields[one.field] ?? one.field}</bdi></td>
                  <td class="px-3 py-2"><bdi>{one.message}</bdi></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data.length >= SHOWN && <p class="mt-2 text-sm text-muted">{importing.faultsMore(number(SHOWN))}</p>}
    </section>
  );
}
