// SPDX-License-Identifier: MIT
// Who is signed in, and the password.
import { useState } from 'preact/hooks';
import { Problem } from '../../api/problem';
import { call } from '../../api/client';
import { useSession } from '../../api/session-hook';
import { queries } from '../../api/queries';
import { useText } from '../../i18n';
import { date } from '../../i18n/format';
import { signOut } from '../../session/keeper';
import { Button } from '../../ui/button';
import { Fault } from '../../ui/field';
import { toast } from '../../ui/toast';
import { PASSWORD_MIN } from '../welcome/faults';
import { PasswordField } from '../welcome/password';
import { Section } from './section';

interface Faults { current?: string | undefined; next?: string | undefined; form?: string | undefined }

export function Who() {
  const { settings } = useText().account;
  const { user } = useSession();
  return (
    <Section title={settings.account}>
      <div class="flex flex-wrap items-center gap-4">
        <div class="grow">
          <p class="text-sm text-muted">{settings.signedInAs}</p>
          <p class="font-medium" dir="auto">{user?.email}</p>
          {user?.createdAt && <p class="text-sm text-muted">{settings.since(date(user.createdAt, { dateStyle: 'long' }))}</p>}
        </div>
        <Button icon="signOut" onClick={() => void signOut()}>{settings.signOut}</Button>
      </div>
    </Section>
  );
}

export function PasswordSettings() {
  const { entry, settings } = useText().account;
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);

  const refused = (error: unknown): Faults => {
    const fields = error instanceof Problem ? error.fields.map(({ field }) => field) : [];
    if (fields.includes('currentPassword')) return { current: settings.currentWrong };
    if (fields.includes('newPassword')) return { next: entry.short };
    if (error instanceof Problem && error.status === 429) return { form: entry.tooMany(error.retryAfter ?? 60) };
    return { form: settings.saveAgain };
  };
  const change = async () => {
    setBusy(true);
    try {
      await call('POST', '/api/auth/password', { json: { currentPassword: current, newPassword: next } });
      setCurrent('');
      setNext('');
      setFaults({});
      toast(settings.changed, { tone: 'good' });
      void queries.invalidateQueries({ queryKey: ['sessions'] });
    } catch (error) {
      setFaults(refused(error));
    }
    setBusy(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const short = next.length < PASSWORD_MIN ? entry.short : undefined;
    const missing = current ? undefined : entry.missing;
    setFaults({ current: missing, next: short });
    if (!short && !missing) void change();
  };
  return (
    <Section title={settings.passwordTitle} why={settings.passwordWhy}>
      <form class="grid items-start gap-5 sm:grid-cols-2" noValidate onSubmit={submit}>
        <PasswordField label={settings.current} name="current" autocomplete="current-password" value={current} fault={faults.current} onValue={setCurrent} />
        <PasswordField label={settings.next} name="next" autocomplete="new-password" value={next} fault={faults.next} onValue={setNext} />
        <div class="flex flex-wrap items-center gap-4 sm:col-span-2">
          <Button type="submit" look="main" busy={busy}>{settings.change}</Button>
          <Fault text={faults.form} />
        </div>
      </form>
    </Section>
  );
}
