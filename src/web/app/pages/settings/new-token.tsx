// SPDX-License-Identifier: MIT
// The form for a new API token.
import { useState } from 'preact/hooks';
import { call } from '../../api/client';
import { Problem } from '../../api/problem';
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Fault, Field } from '../../ui/field';
import { Check } from './choice';
import { Section } from './section';
import type { MadeToken, Scope } from './tokens';

/** The end of that day where the person is. */
const endOf = (day: string): string => new Date(`${day}T23:59:59.999`).toISOString();

export function NewToken({ onMade }: { onMade: (made: MadeToken) => void }) {
  const { entry, settings } = useText().account;
  const [name, setName] = useState('');
  const [expires, setExpires] = useState('');
  const [write, setWrite] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<{ name?: string | undefined; form?: string }>({});
  const make = async () => {
    const scopes: Scope[] = write ? ['records:read', 'records:write'] : ['records:read'];
    setBusy(true);
    setFault({});
    try {
      onMade((await call<MadeToken>('POST', '/api/auth/tokens', { json: { name: name.trim(), scopes, ...(expires ? { expiresAt: endOf(expires) } : {}) } })).body);
      setName('');
      setExpires('');
      setWrite(false);
    } catch (error) {
      setFault({ form: error instanceof Problem && error.status < 500 && error.status !== 401 ? (error.fields[0]?.message ?? error.message) : settings.saveAgain });
    }
    setBusy(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.trim()) void make();
    else setFault({ name: entry.missing });
  };
  return (
    <Section title={settings.make}>
      <form class="flex flex-col gap-5" noValidate onSubmit={submit}>
        <Field label={settings.tokenName} hint={settings.tokenNameHint} fault={fault.name}>
          {(control) => <input {...control} class="field" name="name" maxLength={100} autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />}
        </Field>
        <fieldset>
          <legend class="font-medium">{settings.scopes}</legend>
          <Check label={settings.read} checked disabled onChecked={() => undefined} />
          <Check label={settings.write} checked={write} onChecked={setWrite} />
        </fieldset>
        <Field label={settings.expires} hint={settings.expiresHint} class="sm:max-w-60">
          {(control) => (
            <input {...control} class="field" type="date" name="expires" min={new Date().toISOString().slice(0, 10)} value={expires} onInput={(event) => setExpires(event.currentTarget.value)} />
          )}
        </Field>
        <Fault text={fault.form} />
        <div><Button type="submit" look="main" icon="key" busy={busy}>{settings.make}</Button></div>
      </form>
    </Section>
  );
}
