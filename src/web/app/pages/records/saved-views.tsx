// SPDX-License-Identifier: MIT
// The views that were given a name: to choose from, to save, to drop.
import { useEffect, useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { toast } from '../../ui/toast';
import { useCollection } from './hooks';
import { type SavedView, readViews, withView, withoutView, writeViews } from './saved';
import { undo } from './collection';
import { type View, formatView } from './view';

const watchers = new Set<() => void>();

/** The saved views of the user who is signed in, and how they are changed; false: they could not be kept. */
export function useSavedViews(): [readonly SavedView[], (next: readonly SavedView[]) => boolean] {
  const { user } = useCollection();
  const [views, setViews] = useState(() => readViews(localStorage, user ?? ''));
  useEffect(() => {
    const read = () => { setViews(readViews(localStorage, user ?? '')); };
    read();
    watchers.add(read);
    addEventListener('storage', read); // another tab
    return () => {
      watchers.delete(read);
      removeEventListener('storage', read);
    };
  }, [user]);
  return [views, (next) => {
    const kept = writeViews(localStorage, user ?? '', next);
    for (const watcher of watchers) watcher();
    return kept;
  }];
}

export const hrefOfView = (view: SavedView): string => (view.search === '' ? '/records' : `/records?${view.search}`);

/** A name to save it under that says what it shows. */
function suggestion(view: View): string {
  const values = Object.values(view.filters).flat();
  return [view.q.trim(), ...values].filter((part) => part !== '').join(', ').slice(0, 60);
}

export function SavedViewsDialog({ view, onClose }: { view: View; onClose: () => void }) {
  const { records, shell } = useText();
  const [views, setViews] = useSavedViews();
  const [name, setName] = useState(() => suggestion(view));
  const save = (event: Event) => {
    event.preventDefault();
    if (name.trim() === '') return;
    const kept = setViews(withView(views, { name, search: formatView(view) }));
    toast(kept ? records.viewSaved(name.trim()) : records.viewNotSaved, { tone: kept ? 'good' : 'bad' });
    onClose();
  };
  const drop = (saved: SavedView) => {
    const before = views;
    setViews(withoutView(views, saved.name));
    undo.push(records.viewRemoved(saved.name), () => { setViews(before); return Promise.resolve(0); });
  };
  return (
    <Dialog title={records.savedViews} onClose={onClose}>
      <form onSubmit={save} class="flex items-start gap-2">
        <Field label={records.saveView} hint={records.viewHint} class="grow">
          {(control) => <input {...control} class="field" value={name} maxLength={60} placeholder={records.viewName} onInput={(event) => { setName(event.currentTarget.value); }} />}
        </Field>
        <Button type="submit" look="main" class="mt-7.5" disabled={name.trim() === ''}>{shell.save}</Button>
      </form>
      {views.length > 0 && (
        <ul class="mt-5 divide-y divide-line border-t border-line">
          {views.map((saved) => (
            <li key={saved.name} class="flex items-center gap-2 py-0.5">
              <span class="min-w-0 grow truncate font-medium">{saved.name}</span>
              <IconButton icon="trash" name={records.removeView(saved.name)} onClick={() => { drop(saved); }} />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
