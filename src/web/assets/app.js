// SPDX-License-Identifier: MIT
// The page: sign in, search as you type, list, and the doors to the editor and the importer.
import { call, renew, signIn, signOut } from '/api.js';
import { edit } from '/editor.js';
import { openImporter } from '/importer.js';

const $ = (selector) => document.querySelector(selector);
const page = 100;
const state = { q: '', filter: null, trash: false, offset: 0, request: null };

// ── what is shown ──

function cell(text, className) {
  const td = document.createElement('td');
  td.textContent = text ?? '';
  if (className) td.className = className;
  return td;
}

function gradeCell(grade) {
  const td = document.createElement('td');
  if (!grade) return td;
  const badge = document.createElement('span');
  badge.className = 'grade';
  badge.textContent = grade;
  td.append(badge);
  return td;
}

const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function row(record) {
  const tr = document.createElement('tr');
  tr.tabIndex = 0;
  tr.append(cell(record.artist), cell(record.name), cell(record.format), cell(record.label), cell(record.catalogNumber),
    cell(record.releaseYear), gradeCell(record.recordGrade), cell(record.pricePaid == null ? '' : money.format(record.pricePaid), 'number'));
  const open = () => (state.trash ? restore(record) : edit(record.id, afterEdit));
  tr.addEventListener('click', open);
  tr.addEventListener('keydown', (event) => { if (event.key === 'Enter') open(); });
  return tr;
}

function say(text) { $('#status').textContent = text; }

function showEmpty(shown) {
  const empty = $('#empty');
  empty.hidden = shown > 0;
  empty.textContent = state.trash ? 'The trash is empty.'
    : state.q || state.filter ? 'Nothing found. Check the spelling, or use fewer words.'
      : 'No records yet. Add one, or import a CSV file.';
  $('.records').hidden = shown === 0;
}

let toastTimer;
function toast(text, action) {
  const box = $('#toast');
  box.replaceChildren(text);
  if (action) {
    const button = document.createElement('button');
    button.textContent = action.label;
    button.addEventListener('click', () => { box.hidden = true; action.run(); });
    box.append(button);
  }
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 8000);
}

// ── loading ──

function address() {
  const query = new URLSearchParams({ limit: page, offset: state.offset });
  if (state.trash) return `/api/records/trash?${query}`;
  if (state.filter) query.set(state.filter.name, state.filter.value);
  if (state.q && !state.filter) { query.set('q', state.q); return `/api/records/search?${query}`; }
  if (state.q) query.set('q', state.q);
  return `/api/records?${query}`;
}

async function load({ more = false } = {}) {
  state.request?.abort();
  const request = state.request = new AbortController();
  state.offset = more ? state.offset + page : 0;
  try {
    const { body, headers } = await call('GET', address(), { signal: request.signal });
    const rows = body.map(row);
    if (more) $('#rows').append(...rows); else $('#rows').replaceChildren(...rows);
    const shown = $('#rows').children.length;
    const total = headers.get('x-total-count');
    const corrected = headers.get('x-search-corrected');
    say(`${corrected ? `Showing results for “${decodeURIComponent(corrected)}”. ` : ''}${shown}${total && Number(total) > shown ? ` of ${Number(total).toLocaleString()}` : ''} ${state.trash ? 'in the trash; choose one to restore it' : 'records'}`);
    showEmpty(shown);
    $('#more').hidden = body.length < page;
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    if (problem.status === 401) { welcome(); return; }
    say(problem.message);
  }
}

async function loadFacets() {
  const { body } = await call('GET', `/api/records/search/facets?q=${encodeURIComponent(state.q)}`);
  const chips = [...(body.format || []).slice(0, 5).map((f) => ['format', f]), ...(body.grade || []).slice(0, 4).map((f) => ['grade', f])];
  $('#facets').replaceChildren(...chips.map(([name, { value, count }]) => {
    const chip = document.createElement('button');
    const on = state.filter?.name === name && state.filter.value === value;
    chip.type = 'button';
    chip.className = 'quiet';
    chip.setAttribute('aria-pressed', on);
    chip.textContent = `${value} ${count.toLocaleString()}`;
    chip.addEventListener('click', () => { state.filter = on ? null : { name, value }; refresh(); });
    return chip;
  }));
}

function refresh() {
  load();
  if (state.trash) $('#facets').replaceChildren();
  else loadFacets().catch(() => $('#facets').replaceChildren());
}

// ── doing ──

function afterEdit({ saved, deleted }) {
  refresh();
  if (saved) toast(`Saved ${saved.artist} – ${saved.name}`);
  if (deleted) toast(`Deleted ${deleted.artist} – ${deleted.name}`, { label: 'Undo', run: () => restore(deleted) });
}

async function restore(record) {
  await call('POST', `/api/records/${record.id}/restore`);
  toast(`Restored ${record.artist} – ${record.name}`);
  refresh();
}

async function exportCsv() {
  const { body } = await call('GET', '/api/records/export.csv');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([body], { type: 'text/csv' }));
  link.download = 'records.csv';
  link.click();
}

// ── coming and going ──

let entry = { path: '/api/auth/login', label: 'Sign in' };

function setEntry(path, label, words) {
  entry = { path, label };
  $('#welcome-title').textContent = label;
  $('#welcome-words').textContent = words;
  $('#sign-in [type=submit]').textContent = label;
  $('#to-register').textContent = path.endsWith('login') ? 'Make an account' : 'I have an account';
}

const setupToken = () => new URLSearchParams(location.hash.slice(1)).get('setup');

function welcome() {
  for (const id of ['#collection', '#menu', '#search-box']) $(id).hidden = true;
  $('#welcome').hidden = false;
  if (setupToken()) setEntry('/api/auth/setup', 'Make the first account', 'This link works once. Choose the address and password you will sign in with.');
  else setEntry('/api/auth/login', 'Sign in', 'Your collection is waiting.');
  $('#sign-in').elements.email.focus();
}

function enter() {
  for (const id of ['#collection', '#menu', '#search-box']) $(id).hidden = false;
  $('#welcome').hidden = true;
  if (location.hash) history.replaceState(null, '', '/');
  refresh();
}

$('#to-register').addEventListener('click', () => {
  if (entry.path.endsWith('login')) setEntry('/api/auth/register', 'Make an account', 'Eight characters or more; a few plain words are best.');
  else setEntry('/api/auth/login', 'Sign in', 'Your collection is waiting.');
});

$('#sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { email, password } = event.target.elements;
  const error = event.target.querySelector('.error');
  const token = setupToken();
  error.hidden = true;
  try {
    await signIn(entry.path, { email: email.value, password: password.value, ...(entry.path.endsWith('setup') ? { token } : {}) });
    event.target.reset();
    enter();
  } catch (problem) {
    error.textContent = problem.message;
    error.hidden = false;
  }
});

let typing;
$('#q').addEventListener('input', (event) => {
  state.q = event.target.value.trim();
  state.trash = false;
  $('#trash').setAttribute('aria-pressed', 'false');
  load();
  clearTimeout(typing);
  typing = setTimeout(() => loadFacets().catch(() => {}), 250);
});
$('#add').addEventListener('click', () => edit(null, afterEdit));
$('#import').addEventListener('click', () => openImporter(refresh));
$('#export').addEventListener('click', () => exportCsv().catch((problem) => toast(problem.message)));
$('#more').addEventListener('click', () => load({ more: true }));
$('#sign-out').addEventListener('click', async () => { await signOut().catch(() => {}); welcome(); });
$('#trash').addEventListener('click', () => {
  state.trash = !state.trash;
  $('#trash').setAttribute('aria-pressed', state.trash);
  refresh();
});
for (const button of document.querySelectorAll('[data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || document.querySelector('dialog[open]') || /INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) return;
  event.preventDefault();
  $('#q').focus();
});

if (await renew()) enter(); else welcome();
