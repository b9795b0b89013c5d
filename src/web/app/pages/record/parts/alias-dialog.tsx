// SPDX-License-Identifier: MIT
// Other names by which a record is found.
import { useState } from 'preact/hooks';
import { Problem, call } from '../../../api/client';
import type { VinylRecord } from '../../../api/types';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Field } from '../../../ui/field';
import { toast } from '../../../ui/toast';
import { collectionChanged } from '../data';

const LONGEST = 256;

export default function AliasDialog({ record: { id }, onClose }: { record: VinylRecord; onClose: () => void }) {
  const { record: { aliases, faults, save } } = useText();
  const [name, setName] = useState('');
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const add = async (): Promise<void> => {
    const { body } = await call<{ added: number }>('POST', `/api/records/${id}/aliases`, { json: { terms: [name.trim()] } });
    collectionChanged();
    toast(body.added ? aliases.added(body.added) : aliases.already, { tone: 'good' });
    onClose();
  };
  const submit = (): void => {
    if (!name.trim()) return setFault(faults.required);
    setBusy(true);
    add()
      .catch((error: unknown) => setFault(error instanceof Problem ? `${aliases.failed} (${error.message})` : save.unreachable))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={aliases.title} onClose={onClose}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); submit(); }} class="flex flex-col gap-4">
        <p>{aliases.hint}</p>
        <Field label={aliases.label} fault={fault} required>
          {(control) => (
            <input {...control} class="field" type="text" dir="auto" autocomplete="off" autofocus maxLength={LONGEST} value={name}
              onInput={(event) => { setName(event.currentTarget.value); setFault(undefined); }} />
          )}
        </Field>
        <Button type="submit" look="main" busy={busy} class="self-end">{aliases.add}</Button>
      </form>
    </Dialog>
  );
}
