// SPDX-License-Identifier: MIT
// API tokens: making one, which is shown once, and revoking them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { call, get } from '../../api/client';
import { useText } from '../../i18n';
import { ago, date } from '../../i18n/format';
import { Button } from '../../ui/button';
import { toast } from '../../ui/toast';
import { CopyField } from './copy';
import { Loaded } from './loaded';
import { NewToken } from './new-token';
import { Row, Rows, Section } from './section';

export type Scope = 'records:read' | 'records:write';
export interface TokenRow { id: string; name: string; scopes: Scope[]; prefix: string; createdAt: string; expiresAt: string | null; lastUsedAt: string | null }
export interface MadeToken extends TokenRow { token: string }

export function TokenSettings() {
  const { settings } = useText().account;
  const [made, setMade] = useState<MadeToken | null>(null);
  const cache = useQueryClient();
  const list = useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => get<TokenRow[]>('/api/auth/tokens', signal) });
  const revoke = useMutation({
    mutationFn: (id: string) => call('DELETE', `/api/auth/tokens/${id}`),
    onSuccess: (_, id) => {
      cache.setQueryData<TokenRow[]>(['tokens'], (rows) => rows?.filter((row) => row.id !== id));
      if (made?.id === id) setMade(null);
      toast(settings.revoked, { tone: 'good' });
    },
    onError: () => toast(settings.failed, { tone: 'bad' }),
  });
  const created = (token: MadeToken) => {
    setMade(token);
    void cache.invalidateQueries({ queryKey: ['tokens'] });
  };
  const scopesOf = ({ scopes }: TokenRow) => scopes.map((scope) => (scope === 'records:read' ? settings.read : settings.write)).join(', ');
  return (
    <>
      <Section title={settings.tokens} why={settings.tokensWhy}>
        {made && (
          <div role="status" class="mb-5 rounded-xl bg-good-soft p-4">
            <p class="font-semibold text-good">{settings.made}</p>
            <p class="mb-3 text-ink">{settings.madeWhy}</p>
            <CopyField label={made.name} text={made.token} />
          </div>
        )}
        <Loaded query={list}>
          {(rows) => (rows.length === 0 ? <p class="text-muted">{settings.noTokens}</p> : (
            <Rows>
              {rows.map((row) => (
                <Row key={row.id} title={<bdi>{row.name}</bdi>} facts={[
                  `${row.prefix}…`, scopesOf(row), row.lastUsedAt ? settings.used(ago(row.lastUsedAt)) : settings.neverUsed,
                  row.expiresAt && settings.until(date(row.expiresAt)),
                ]}>
                  <Button small aria-label={settings.revokeOf(row.name)} busy={revoke.isPending && revoke.variables === row.id} onClick={() => revoke.mutate(row.id)}>{settings.revoke}</Button>
                </Row>
              ))}
            </Rows>
          ))}
        </Loaded>
      </Section>
      <NewToken onMade={created} />
    </>
  );
}
