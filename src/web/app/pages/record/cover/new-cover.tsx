// SPDX-License-Identifier: MIT
// The cover of a record that is not there yet: kept with its draft, sent once it is added.
import { useText } from '../../../i18n';
import { toast } from '../../../ui/toast';
import type { Form } from '../model/form';
import { PictureInput } from './picture-input';
import { toDataUrl } from './shrink';

export function NewCover({ form, cover, onChange }: { form: Form; cover: string | null; onChange: (cover: string | null) => void }) {
  const { record, shell } = useText();
  const remove = (): void => {
    const former = cover;
    onChange(null);
    toast(record.cover.removed, { action: { label: shell.undo, run: () => onChange(former) } });
  };
  return (
    <PictureInput src={cover} compact artist={form.artist.trim()} name={form.name.trim()} onPicture={async (picture) => onChange(await toDataUrl(picture))} onRemove={remove}>
      {cover && <p class="text-sm text-muted">{record.cover.kept}</p>}
    </PictureInput>
  );
}
