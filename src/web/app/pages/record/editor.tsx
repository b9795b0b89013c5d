// SPDX-License-Identifier: MIT
// Writing a record: a new one, or one that is there.
import { useEffect, useRef } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { useText } from '../../i18n';
import { ago } from '../../i18n/format';
import { Button } from '../../ui/button';
import { PageHeading, Waiting } from '../../ui/page';
import { toast } from '../../ui/toast';
import { NewCover } from './cover/new-cover';
import { RecordCover } from './cover/record-cover';
import { type Loaded, useRecord } from './data';
import { EditingContext } from './editor-context';
import { EditorFields } from './editor-fields';
import { useScanner } from './fields/barcode';
import { NotThere } from './parts/not-there';
import { SaveBar } from './parts/save-bar';
import { ConflictDialog } from './save/conflict';
import { DuplicateDialog, DuplicateNotice } from './save/duplicates';
import { draftName, drafts } from './save/start';
import { useEditor } from './save/use-editor';
import { useSave } from './save/use-save';
import { formOf } from './model/form';
import { formatLocale } from '../../i18n/format';

function DraftNotice({ at, isNew, onDiscard }: { at: number; isNew: boolean; onDiscard: () => void }) {
  const { record: { draft } } = useText();
  const when = ago(new Date(at));
  return (
    <div role="status" class="mb-4 flex flex-wrap items-center gap-x-4 gap-y-1 rounded-card border border-line bg-sunken px-4 py-2">
      <p class="grow py-1">{draft.resumed} {isNew ? draft.found(when) : draft.foundEdit(when)}</p>
      <Button small look="quiet" icon="trash" onClick={onDiscard}>{draft.discard}</Button>
    </div>
  );
}

/** After a try to save, the first field with something wrong has the focus. */
function useFirstFault(form: { current: HTMLFormElement | null }, fault: string, tries: number): void {
  useEffect(() => {
    if (fault) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [fault, tries]);
}

/** On a phone's keyboard the Enter of a field says "next", and leads there. */
function goesOn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLInputElement) || target.enterKeyHint !== 'next' || !matchMedia('(pointer: coarse)').matches) return false;
  const fields = [...(target.form?.querySelectorAll<HTMLElement>('.field') ?? [])].filter((field) => field.checkVisibility());
  const next = fields[fields.indexOf(target) + 1];
  next?.focus();
  return next !== undefined;
}

function Scanner({ form }: { form: { current: HTMLFormElement | null } }) {
  useScanner(form);
  return null;
}

function EditorForm({ loaded }: { loaded: Loaded | null }) {
  const { record, shell } = useText();
  const search = useSearch();
  const [, navigate] = useLocation();
  const box = useRef<HTMLFormElement>(null);
  const id = loaded?.record.id;
  const name = draftName(id, search);
  const editor = useEditor(loaded, name, search);
  const save = useSave(loaded, editor);
  const adds = !loaded || save.gone;
  useFirstFault(box, save.fault, editor.editing.tries);

  const discard = (): void => {
    const back = editor.discard();
    toast(record.draft.discarded, { action: { label: shell.undo, run: back } });
  };
  const leave = (): void => {
    if (editor.changed) toast(record.draft.kept, { action: { label: record.draft.discard, run: () => drafts().drop(name) } });
    navigate(id ? `/records/${id}` : '/records', { replace: true });
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's') { event.preventDefault(); save.save(); }
    if (event.key === 'Enter' && goesOn(event.target)) event.preventDefault();
  };
  const coverChanged = ({ record: now, etag }: Loaded): void => {
    // A jump of more than one version has somebody else's change in it: that is for the conflict dialog.
    if (loaded && editor.etag === loaded.etag && now.version === loaded.record.version + 1) editor.moveTo(etag);
  };
  // A removal is taken back long after it was made: what counts is the version of then.
  const latestCoverChanged = useRef(coverChanged);
  latestCoverChanged.current = coverChanged;
  return (
    <EditingContext.Provider value={editor.editing}>
      <form ref={box} noValidate onSubmit={(event) => { event.preventDefault(); save.save(); }} onKeyDown={pressed} class="mx-auto max-w-6xl">
        <Scanner form={box} />
        <PageHeading title={loaded ? record.editTitle : record.addTitle} />
        {editor.draftAt !== null && !save.fault && !save.conflict && !save.gone && <DraftNotice at={editor.draftAt} isNew={!loaded} onDiscard={discard} />}
        <div class="grid items-start gap-5 pb-6 lg:grid-cols-[16rem_minmax(0,1fr)]">
          <div class="w-full lg:sticky lg:top-7">
            {loaded ? <RecordCover compact record={loaded.record} onChanged={(now) => latestCoverChanged.current(now)} /> : <NewCover form={editor.form} cover={editor.cover} onChange={editor.setCover} />}
          </div>
          <div class="flex min-w-0 flex-col gap-4">
            {save.gone && <p role="alert" class="rounded-card border border-warn/40 bg-warn-soft p-4">{record.save.goneMeanwhile}</p>}
            <EditorFields />
            {!loaded && <DuplicateNotice form={editor.form} />}
          </div>
        </div>
        <SaveBar adds={adds} busy={save.busy} fault={save.fault} keeping={editor.draft.keeping} onCancel={leave} />
      </form>
      {save.duplicates && <DuplicateDialog found={save.duplicates} onAnyway={save.addAnyway} onClose={save.closeDuplicates} />}
      {save.conflict && (
        <ConflictDialog base={editor.base} theirs={formOf(save.conflict.theirs.record, formatLocale())} merged={save.conflict.merged}
          onSave={save.settle} onClose={save.closeConflict} />
      )}
    </EditingContext.Provider>
  );
}

function EditorOf({ id }: { id: string }) {
  const { data, error, refetch } = useRecord(id);
  if (data) return <EditorForm loaded={data} />;
  return error ? <NotThere error={error} onRetry={() => void refetch()} /> : <Waiting />;
}

export default function Editor({ id }: { id?: string }) {
  return id ? <EditorOf key={id} id={id} /> : <EditorForm loaded={null} />;
}
