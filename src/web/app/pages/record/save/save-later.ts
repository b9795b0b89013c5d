// SPDX-License-Identifier: MIT
// Saving a change: the record shows it at once, and goes back to what it was if the server does not take it.
import { navigate } from 'wouter-preact/use-browser-location';
import { text } from '../../../i18n';
import { formatLocale } from '../../../i18n/format';
import { toast } from '../../../ui/toast';
import { type Loaded, patchRecord, pretend } from '../data';
import { type Form, expected, patchOf } from '../model/form';
import { deriveGrade } from '../model/media';
import { noteFailure } from './failures';
import { drafts } from './start';

interface Change {
  loaded: Loaded;
  base: Form;
  form: Form;
  etag: string | null;
}

function tellFailure(loaded: Loaded, error: unknown): void {
  const { id, name, artist } = loaded.record;
  const { record } = text();
  noteFailure(id, error);
  const edit = (): void => navigate(`/records/${id}/edit`);
  if (location.pathname === `/records/${id}`) navigate(`/records/${id}/edit`, { replace: true });
  else toast(record.save.failedAway(record.by(name, artist)), { tone: 'bad', action: { label: record.save.look, run: edit } });
}

/** The draft goes only when the server has the change. */
export function saveLater({ loaded, base, form, etag }: Change): void {
  const { record } = loaded;
  const patch = patchOf(base, form, formatLocale());
  const takeBack = pretend(record.id, expected(record, patch, deriveGrade(form.mediaPieces)?.grade ?? null));
  patchRecord(record.id, etag, patch).then(
    () => {
      drafts().drop(record.id);
      toast(text().record.save.saved, { tone: 'good' });
    },
    (error: unknown) => {
      takeBack();
      tellFailure(loaded, error);
    },
  );
}
