// SPDX-License-Identifier: MIT
// The form of everybody who comes in: with an account, to make one, or to make the first one.
import { useEffect, useRef, useState } from 'preact/hooks';
import { isPassing } from '../../api/problem';
import { beginSession } from '../../api/session';
import { useText } from '../../i18n';
import { lookNow, onFairWeather } from '../../api/weather';
import { Button } from '../../ui/button';
import { Fault, Field } from '../../ui/field';
import { checked, refusal, type Entry, type Faults } from './faults';
import { PasswordField } from './password';

const paths: Record<Entry, string> = { signIn: '/api/auth/login', register: '/api/auth/register', setup: '/api/auth/setup' };

interface Props {
  entry: Entry;
  token?: string;
  email?: string; // known already, as when a session has ended
  onDone?: () => void;
  onRefused?: (error: unknown) => boolean; // true: it was dealt with
}

export function EntryForm({ entry, token, email: known = '', onDone, onRefused }: Props) {
  const words = useText().account.entry;
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const send = async () => {
    setBusy(true);
    setFaults({});
    try {
      await beginSession(paths[entry], { email: email.trim(), password, ...(token ? { token } : {}) });
      onDone?.();
    } catch (error) {
      if (onRefused?.(error)) return;
      const refused = refusal(error, words);
      setWaiting(isPassing(error) && !refused);
      if (!refused) void lookNow();
      setFaults(refused ?? { form: words.later });
      setBusy(false);
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const wrong = checked(entry, email.trim(), password, words);
    setWaiting(false);
    if (wrong) setFaults(wrong);
    else void send();
  };

  // What is wrong is where the work goes on.
  useEffect(() => {
    if (faults.email || faults.password) form.current?.querySelector<HTMLInputElement>('[aria-invalid=true]')?.focus();
  }, [faults]);
  const again = useRef(send);
  again.current = send;
  useEffect(() => (waiting ? onFairWeather(() => { setWaiting(false); void again.current(); }) : undefined), [waiting]);

  return (
    <form ref={form} class="flex flex-col gap-5" noValidate onSubmit={submit}>
      <Field label={words.email} fault={faults.email}>
        {(control) => (
          <input {...control} class="field" type="email" name="email" autocomplete="username" inputMode="email" autocapitalize="off" spellcheck={false}
            value={email} autofocus={!known} onInput={(event) => setEmail(event.currentTarget.value)} />
        )}
      </Field>
      <PasswordField label={words.password} name="password" autocomplete={entry === 'signIn' ? 'current-password' : 'new-password'} value={password}
        hint={entry === 'signIn' ? undefined : words.passwordHint} fault={faults.password} focus={Boolean(known)} onValue={setPassword} />
      <Fault text={faults.form} />
      <Button type="submit" look="main" busy={busy} class="min-h-12!">{entry === 'signIn' ? words.signInDo : words.registerDo}</Button>
    </form>
  );
}
