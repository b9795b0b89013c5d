// SPDX-License-Identifier: MIT
// The record editor: a form made from one table of fields.
import { call, Problem } from '/api.js';

const grades = ['', 'M', 'NM', 'NM-', 'EX+', 'EX', 'EX-', 'VG+', 'VG', 'VG-', 'G+', 'G', 'G-', 'F', 'P'];
// 'ObiStrip' → 'Obi strip'
const words = (name) => name.replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);

const fields = [
  { name: 'artist', label: 'Artist', required: true, max: 256 },
  { name: 'name', label: 'Title', required: true, max: 256 },
  { name: 'format', label: 'Format', required: true, max: 64, list: ['LP', 'EP', '7"', '10"', '12"', 'CD', 'Cassette'] },
  { name: 'label', label: 'Label', max: 128 },
  { name: 'catalogNumber', label: 'Catalogue number', max: 64 },
  { name: 'labelCode', label: 'Label code', max: 64 },
  { name: 'releaseYear', label: 'Release year', kind: 'number' },
  { name: 'pressingYear', label: 'Pressing year', kind: 'number' },
  { name: 'recordGrade', label: 'Record grade (else the discs’)', grade: true },
  { name: 'sleeveGrade', label: 'Sleeve grade', grade: true },
  { name: 'purchasedAt', label: 'Bought on', kind: 'date' },
  { name: 'pricePaid', label: 'Price paid', kind: 'money' },
  ...[['Insert', 'insertGrade'], ['Booklet', 'bookletGrade'], ['ObiStrip', 'obiStripGrade'], ['FactorySleeve', 'factorySleeveGrade']].flatMap(([word, grade]) => [
    { name: `has${word}`, label: `Has ${words(word).toLowerCase()}`, kind: 'check' },
    { name: grade, label: `${words(word)} grade`, grade: true },
  ]),
  { name: 'isPromo', label: 'Promo', kind: 'check' },
  { name: 'notes', label: 'Notes', kind: 'text', wide: true },
];

const dialog = document.querySelector('#editor');
const form = document.querySelector('#record-form');
const pieces = document.querySelector('#pieces');
const error = form.querySelector('.error');
const remove = document.querySelector('#delete');
// What a piece has beyond the form's fields goes back as it came.
const unshown = new WeakMap();
const beyond = ({ id, notes }) => ({ ...(id && { id }), ...(notes && { notes }) });
let current = null;
let finished = () => {};

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function gradeSelect(name, value) {
  const select = element('select', { name });
  select.append(...grades.map((grade) => element('option', { value: grade, textContent: grade || '–', selected: grade === (value || '') })));
  return select;
}

function input(field, value) {
  if (field.grade) return gradeSelect(field.name, value);
  if (field.kind === 'check') return element('input', { name: field.name, type: 'checkbox', checked: Boolean(value) });
  if (field.kind === 'text') return element('textarea', { name: field.name, rows: 3, value: value ?? '' });
  const made = element('input', { name: field.name, value: value ?? '', required: Boolean(field.required), autocomplete: 'off' });
  if (field.kind === 'number') Object.assign(made, { type: 'number', step: 1 });
  if (field.kind === 'money') Object.assign(made, { type: 'number', step: '0.01', min: 0 });
  if (field.kind === 'date') Object.assign(made, { type: 'date', value: (value || '').slice(0, 10) });
  if (field.max) made.maxLength = field.max;
  if (field.list) {
    const id = `list-${field.name}`;
    made.setAttribute('list', id);
    return [made, element('datalist', { id }, ...field.list.map((word) => element('option', { value: word })))];
  }
  return made;
}

function show(record) {
  document.querySelector('#fields').replaceChildren(...fields.map((field) => {
    const control = [input(field, record?.[field.name])].flat();
    const check = field.kind === 'check';
    const label = element('label', { className: [check && 'check', field.wide && 'wide'].filter(Boolean).join(' ') });
    label.append(...(check ? [...control, field.label] : [field.label, ...control]));
    return label;
  }));
  pieces.replaceChildren(...(record?.mediaPieces || []).map(pieceRow));
}

function pieceRow(piece = {}) {
  const labelled = (text, control) => element('label', {}, text, control);
  const kind = element('select', { name: 'kind' });
  kind.append(...['VINYL', 'CD', 'CASSETTE', 'OTHER'].map((word) => element('option', { value: word, textContent: word, selected: word === piece.kind })));
  const letters = Object.keys(piece.sides || {}).length ? Object.keys(piece.sides) : ['A', 'B'];
  const row = element('div', { className: 'piece' },
    labelled('Kind', kind),
    labelled('Inches', element('input', { name: 'sizeInch', type: 'number', min: 1, max: 16, value: piece.sizeInch ?? 12 })),
    labelled('Speed', element('input', { name: 'speedRpm', type: 'number', min: 1, max: 100, value: piece.speedRpm ?? 33 })),
    labelled('Disc', gradeSelect('discGrade', piece.discGrade)),
    ...letters.map((letter) => {
      const select = gradeSelect('side', piece.sides?.[letter]);
      select.dataset.side = letter;
      return labelled(`Side ${letter}`, select);
    }),
    element('button', { type: 'button', className: 'quiet', textContent: 'Remove', onclick: () => row.remove() }));
  unshown.set(row, beyond(piece));
  return row;
}

function readPieces() {
  return [...pieces.children].map((row, i) => {
    const value = (name) => row.querySelector(`[name=${name}]`).value;
    const sides = Object.fromEntries([...row.querySelectorAll('[data-side]')].filter((side) => side.value).map((side) => [side.dataset.side, side.value]));
    const number = (name) => (value(name) && value('kind') === 'VINYL' ? Number(value(name)) : null);
    return { index: i + 1, kind: value('kind'), sizeInch: number('sizeInch'), speedRpm: number('speedRpm'), discGrade: value('discGrade') || null, sides, ...unshown.get(row) };
  });
}

function read() {
  const record = { mediaPieces: readPieces() };
  for (const field of fields) {
    const control = form.elements[field.name];
    if (field.kind === 'check') record[field.name] = control.checked;
    else if (control.value === '') record[field.name] = null;
    else record[field.name] = field.kind === 'number' || field.kind === 'money' ? Number(control.value) : control.value;
  }
  return record;
}

// Only what changed is sent, so that a grade derived from the discs stays derived.
function changes(record) {
  if (!current) return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== false));
  const same = (name, value) => JSON.stringify(value) === JSON.stringify(name === 'mediaPieces' ? strip(current.mediaPieces) : name === 'purchasedAt' ? current[name]?.slice(0, 10) ?? null : current[name] ?? null);
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => !same(name, value)));
}

function strip(list) {
  return (list || []).map((piece) => {
    const { index, kind, sizeInch = null, speedRpm = null, discGrade = null, sides } = piece;
    return { index, kind, sizeInch, speedRpm, discGrade, sides: sides || {}, ...beyond(piece) };
  });
}

function tell(problem) {
  error.textContent = problem.status === 412 ? 'This record was changed elsewhere meanwhile. Close and open it again.' : problem.message;
  error.hidden = false;
  for (const { field, message } of problem.fields || []) {
    const control = form.elements[field];
    control?.setAttribute?.('aria-invalid', 'true');
    if (control?.title !== undefined) control.title = message;
  }
}

async function save() {
  const record = changes(read());
  if (current && !Object.keys(record).length) return current;
  const { body } = current
    ? await call('PATCH', `/api/records/${current.id}`, { json: record, headers: { 'if-match': current.etag } })
    : await call('POST', '/api/records', { json: record, headers: { 'idempotency-key': crypto.randomUUID() } });
  return body;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  error.hidden = true;
  try {
    const saved = await save();
    dialog.close();
    finished({ saved });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(problem);
  }
});

remove.addEventListener('click', async () => {
  try {
    await call('DELETE', `/api/records/${current.id}`, { headers: { 'if-match': current.etag } });
    dialog.close();
    finished({ deleted: current });
  } catch (problem) {
    tell(problem);
  }
});

document.querySelector('#add-piece').addEventListener('click', () => {
  const letters = [String.fromCharCode(65 + 2 * pieces.children.length), String.fromCharCode(66 + 2 * pieces.children.length)];
  pieces.append(pieceRow({ kind: 'VINYL', sides: Object.fromEntries(letters.map((letter) => [letter, ''])) }));
});

// Opens the editor on a record's id, or on a new record; `done` hears of what was saved or deleted.
export async function edit(id, done) {
  finished = done;
  current = null;
  error.hidden = true;
  if (id) {
    const { body, headers } = await call('GET', `/api/records/${id}`);
    current = { ...body, etag: headers.get('etag') };
  }
  document.querySelector('#editor-title').textContent = current ? `${current.artist} – ${current.name}` : 'New record';
  remove.hidden = !current;
  show(current);
  dialog.showModal();
}
