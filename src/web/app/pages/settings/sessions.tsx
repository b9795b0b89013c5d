// SPDX-License-Identifier: MIT
// Where somebody is signed in, and ending it there, or everywhere.
import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { call, get } from '../../api/client';
import { dropSession } from '../../api/session';
import { useText } from '../../i18n';
import { ago } from '../../i18n/format';
import { signOut } from '../../session/keeper';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { toast } from '../../ui/toast';
import { deviceOf } from './device';
import { Loaded } from './loaded';
import { Row, Rows, Section } from './section';

interface SessionRow { id: string; usedAt: string; lastUsedAt?: string; userAgent: string | null; address: string | null; current: boolean }

function useDeviceName(): (row: SessionRow) => string {
  const { settings } = useText().account;
  return ({ userAgent }) => {
    const { browser, system } = deviceOf(userAgent);
    return browser && system ? settings.device(browser, system) : (browser ?? system ?? settings.unknownDevice);
  };
}

function EndAll({ onClose }: { onClose: () => void }) {
  const { shell, account: { settings } } = useText();
  const everywhere = useMutation({
    mutationFn: () => call('DELETE', '/api/auth/sessions'),
    onSuccess: async () => { await signOut(); dropSession('out'); },
    onError: () => toast(settings.failed, { tone: 'bad' }),
  });
  return (
    <Dialog title={settings.endAllSure} onClose={onClose} actions={<>
      <Button look="quiet" onClick={onClose}>{shell.cancel}</Button>
      <Button look="danger" busy={everywhere.isPending} onClick={() => everywhere.mutate()}>{settings.endAll}</Button>
    </>}>
      <p class="text-muted">{settings.endAllWhy}</p>
    </Dialog>
  );
}

export function SessionSettings() {
  const { settings } = useText().account;
  const [sure, setSure] = useState(false);
  const cache = useQueryClient();
  const nameOf = useDeviceName();
  const list = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => get<SessionRow[]>('/api/auth/sessions', signal) });
  const end = useMutation({
    mutationFn: (id: string) => call('DELETE', `/api/auth/sessions/${id}`),
    onSuccess: (_, id) => {
      cache.setQueryData<SessionRow[]>(['sessions'], (rows) => rows?.filter((row) => row.id !== id));
      toast(settings.ended, { tone: 'good' });
    },
    onError: () => toast(settings.failed, { tone: 'bad' }),
  });
  return (
    <Section title={settings.sessions} why={settings.sessionsWhy}>
      <Loaded query={list}>
        {(rows) => (
          <Rows>
            {rows.map((row) => (
              <Row key={row.id} title={nameOf(row)} tag={row.current && settings.here} facts={[row.address, settings.used(ago(row.lastUsedAt ?? row.usedAt))]}>
                {!row.current && (
                  <Button small aria-label={settings.endOf(nameOf(row))} busy={end.isPending && end.variables === row.id} onClick={() => end.mutate(row.id)}>{settings.end}</Button>
                )}
              </Row>
            ))}
          </Rows>
        )}
      </Loaded>
      <div class="mt-5"><Button look="danger" icon="signOut" onClick={() => setSure(true)}>{settings.endAll}</Button></div>
      {sure && <EndAll onClose={() => setSure(false)} />}
    </Section>
  );
}
