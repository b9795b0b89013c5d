// SPDX-License-Identifier: MIT
// The import dialog: uploads a file, follows the job, shows what came of it.
import { call } from '/api.js';

const dialog = document.querySelector('#importer');
const form = document.querySelector('#import-form');
const bar = form.querySelector('progress');
const result = document.querySelector('#import-result');
const error = form.querySelector('.error');
const start = form.querySelector('[type=submit]');
let finished = () => {};

const pause = (ms) => new Promise((wake) => { setTimeout(wake, ms); });

function show(job) {
  const total = job.bytesTotal || 0;
  bar.hidden = false;
  if (total) bar.value = job.bytesDone / total;
  const words = [`${job.rows ?? 0} rows read`, `${job.added ?? 0} added`, `${job.merged ?? 0} merged`, `${job.skipped ?? 0} already there`, `${job.failed ?? 0} with errors`];
  result.textContent = `${job.dryRun ? 'Dry run: ' : ''}${words.join(', ')}`;
}

async function follow(job) {
  while (job.status === 'queued' || job.status === 'running') {
    show(job);
    await pause(250);
    ({ body: job } = await call('GET', `/api/jobs/${job.id}`));
  }
  show(job);
  bar.value = 1;
  return job;
}

async function offerReport(job) {
  const { body } = await call('GET', `/api/jobs/${job.id}/report.csv`);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([body], { type: 'text/csv' }));
  link.download = 'import-report.csv';
  link.textContent = 'Download the report';
  result.append(' ', link);
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { file, onDuplicate, dryRun } = form.elements;
  const query = new URLSearchParams({ onDuplicate: onDuplicate.value, dryRun: dryRun.checked });
  error.hidden = true;
  start.disabled = true;
  try {
    const { body } = await call('POST', `/api/records/import?${query}`, { body: file.files[0], headers: { 'content-type': 'text/csv' } });
    const job = await follow(body);
    if (job.failed) await offerReport(job);
    if (job.status === 'failed') throw new Error(job.error || 'the import failed');
    dryRun.checked = false;
    if (!job.dryRun) finished();
  } catch (problem) {
    error.textContent = problem.message;
    error.hidden = false;
  } finally {
    start.disabled = false;
  }
});

export function openImporter(done) {
  finished = done;
  form.reset();
  bar.hidden = true;
  error.hidden = true;
  result.replaceChildren();
  dialog.showModal();
}
