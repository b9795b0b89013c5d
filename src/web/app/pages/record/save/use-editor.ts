// SPDX-License-Identifier: MIT
// The editor's state: what is typed, what is wrong with it, and what becomes of it.
import { useMemo, useRef, useState } from 'preact/hooks';
import { formatLocale } from '../../../i18n/format';
import type { Editing } from '../editor-context';
import type { Loaded } from '../data';
import { type Field, type Form } from '../model/form';
import { same } from '../model/merge';
import { type Problem, problemsOf } from '../model/rules';
import { drafts, freshStart, startOf } from './start';
import { useDraft } from './use-draft';

const isAbout = (problem: Problem, field: string): boolean => problem.field === field || problem.field.startsWith(`${field}[`) || problem.field.startsWith(`${field}.`);

/** What is wrong, shown where the person has been, or everywhere once they tried to save. */
function useProblems(form: Form) {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [tries, setTries] = useState(0);
  const [told, setTold] = useState<readonly Problem[]>([]);
  const own = useMemo(() => problemsOf(form, formatLocale()), [form]);
  return {
    own,
    tries,
    shown: [...own.filter(({ field }) => tries > 0 || seen.has(field)), ...told],
    left: (field: string) => setSeen((before) => (before.has(field) ? before : new Set([...before, field]))),
    showAll: () => setTries((before) => before + 1),
    tell: setTold,
    changed: (fields: readonly Field[]) => setTold((before) => before.filter((problem) => !fields.some((field) => isAbout(problem, field)))),
    reset: () => { setSeen(new Set()); setTries(0); setTold([]); },
  };
}

export function useEditor(loaded: Loaded | null, name: string, search: string) {
  const [start] = useState(() => startOf(loaded, name, search));
  const [state, setState] = useState({ base: start.base, form: start.form, etag: start.etag, cover: start.cover });
  const [draftAt, setDraftAt] = useState(start.draftAt);
  const problems = useProblems(state.form);
  const draft = useDraft({ name, ...state });
  const latest = useRef(state);
  latest.current = state;

  const change = useRef((by: (form: Form) => Form): void => {
    setState((before) => ({ ...before, form: by(before.form) }));
  }).current;
  const editing: Editing = {
    form: state.form,
    change: (by) => { change(by); problems.changed(['mediaPieces', 'releaseDate', 'releaseYear']); },
    set: (field, value) => { change((form) => ({ ...form, [field]: value })); problems.changed([field]); },
    left: problems.left,
    problems: problems.shown,
    tries: problems.tries,
  };

  /** Back to what is saved; answers with what takes that back. */
  const discard = (): (() => void) => {
    const former = latest.current;
    const { base, form, etag, cover } = freshStart(loaded);
    setState({ base, form, etag, cover });
    setDraftAt(null);
    problems.reset();
    drafts().drop(name);
    return () => setState(former);
  };
  /** What was typed is saved: nothing is to be kept of it. */
  const finish = (): void => {
    draft.stop();
    drafts().drop(name);
  };
  return {
    ...state, editing, finish, problems, draft, draftAt, discard,
    changed: state.cover !== null || !same(state.base, state.form),
    setCover: (cover: string | null) => setState((before) => ({ ...before, cover })),
    /** The record has moved on by our own doing: the next change is to that version. */
    moveTo: (etag: string | null) => setState((before) => ({ ...before, etag })),
  };
}
