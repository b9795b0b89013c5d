// SPDX-License-Identifier: MIT
// Saving, and what to do when that fails: at the field, in the conflict dialog, or in a sentence.
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { Problem as ServerProblem } from '../../../api/client';
import { text, useText } from '../../../i18n';
import { formatLocale } from '../../../i18n/format';
import { toast } from '../../../ui/toast';
import { type Loaded, readRecord } from '../data';
import { type Form, formOf } from '../model/form';
import { type Merged, mergeForms } from '../model/merge';
import { takeFailure } from './failures';
import { saveLater } from './save-later';
import { useCreate } from './use-create';
import type { useEditor } from './use-editor';

export interface Conflict {
  theirs: Loaded;
  merged: Merged<Form>;
}

type Editor = ReturnType<typeof useEditor>;

const GONE = 404;
const CHANGED = 412;
const INVALID = 422;

function sentenceOf(error: unknown): string {
  const { save } = text().record;
  return error instanceof ServerProblem ? `${save.failed} (${error.message})` : save.unreachable;
}

export function useSave(loaded: Loaded | null, editor: Editor) {
  const { record } = useText();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const [gone, setGone] = useState(false);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const { create, duplicates, closeDuplicates } = useCreate(editor.finish);

  /** Shows the record as saved, and leaves the draft until it is. */
  const put = (over: Loaded, base: Form, form: Form, etag: string | null): void => {
    editor.draft.flush();
    editor.draft.stop();
    saveLater({ loaded: over, base, form, etag });
    navigate(`/records/${over.record.id}`, { replace: true });
  };
  const merge = async (id: string): Promise<void> => {
    const theirs = await readRecord(id);
    const now = formOf(theirs.record, formatLocale());
    const merged = mergeForms(editor.base, editor.form, now);
    if (merged.conflicts.length) return setConflict({ theirs, merged });
    toast(record.conflict.merged);
    put(theirs, now, merged.form, theirs.etag);
  };
  const failed = (error: unknown): void => {
    const status = error instanceof ServerProblem ? error.status : 0;
    if (status === CHANGED && loaded) return void merge(loaded.record.id).catch(failed);
    if (status === GONE && loaded) return setGone(true);
    if (status === INVALID && error instanceof ServerProblem && error.fields.length) editor.problems.tell(error.fields);
    setFault(status === INVALID && error instanceof ServerProblem && error.fields.length ? record.faultsFound(error.fields.length) : sentenceOf(error));
  };
  useEffect(() => {
    const error = loaded && takeFailure(loaded.record.id);
    if (error) failed(error);
  }, []);

  const add = (anyway: boolean): void => {
    setBusy(true);
    create(editor.form, editor.cover, anyway).catch(failed).finally(() => setBusy(false));
  };
  const save = (): void => {
    setFault('');
    if (editor.problems.own.length) {
      editor.problems.showAll();
      setFault(record.faultsFound(editor.problems.own.length));
    } else if (!loaded || gone) add(false);
    else if (!editor.changed) { toast(record.save.nothing); navigate(`/records/${loaded.record.id}`, { replace: true }); }
    else put(loaded, editor.base, editor.form, editor.etag);
  };
  return {
    busy, fault, gone, save,
    duplicates, closeDuplicates, addAnyway: () => { closeDuplicates(); add(true); },
    conflict, closeConflict: () => setConflict(null),
    settle: (form: Form) => { if (conflict) put(conflict.theirs, formOf(conflict.theirs.record, formatLocale()), form, conflict.theirs.etag); },
  };
}
