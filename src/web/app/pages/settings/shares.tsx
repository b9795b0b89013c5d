// SPDX-License-Identifier: MIT
// Links by which others see a record or the collection.
import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { call, get } from '../../api/client';
import { useText } from '../../i18n';
import { useRecord } from '../record/data';
import { date, number } from '../../i18n/format';
import { Button } from '../../ui/button';
import { toast } from '../../ui/toast';
import { Check } from './choice';
import { CopyField, useCopying } from './copy';
import { Loaded } from './loaded';
import { Row, Rows, Section } from './section';

interface Share {
  id: string; kind: 'record' | 'collection'; recordId: string | null; title: string | null; showPrices: boolean; showNotes: boolean;
  url: string; views: number; createdAt: string; expiresAt: string | null;
}
const key = ['shares'];
const linkOf = ({ url }: Share): string => new URL(url, location.origin).href;

function ShareCollection({ onMade }: { onMade: (share: Share) => void }) {
  const { settings } = useText().account;
  const [showPrices, setPrices] = useState(false);
  const [showNotes, setNotes] = useState(false);
  const make = useMutation({
    mutationFn: () => call<Share>('POST', '/api/shares', { json: { kind: 'collection', showPrices, showNotes } }),
    onSuccess: ({ body }) => onMade(body),
    onError: () => toast(settings.saveAgain, { tone: 'bad' }),
  });
  return (
    <div class="flex flex-wrap items-center gap-x-6 gap-y-2">
      <Check label={settings.showPrices} checked={showPrices} onChecked={setPrices} />
      <Check label={settings.showNotes} checked={showNotes} onChecked={setNotes} />
      <Button look="main" icon="share" busy={make.isPending} onClick={() => make.mutate()}>{settings.shareAll}</Button>
    </div>
  );
}

/** What it leads to, by name. */
function Title({ share }: { share: Share }) {
  const { record, account: { settings } } = useText();
  return <a class="link" dir="auto" href={share.url}>{share.title || (share.recordId ? <RecordName id={share.recordId} fallback={settings.oneRecord} by={record.by} /> : settings.wholeCollection)}</a>;
}

function RecordName({ id, fallback, by }: { id: string; fallback: string; by: (name: string, artist: string) => string }) {
  const { data } = useRecord(id);
  return <>{data ? by(data.record.name, data.record.artist) : fallback}</>;
}

export function ShareSettings() {
  const { settings } = useText().account;
  const [made, setMade] = useState<Share | null>(null);
  const cache = useQueryClient();
  const copy = useCopying();
  const list = useQuery({ queryKey: key, queryFn: ({ signal }) => get<Share[]>('/api/shares', signal) });
  const revoke = useMutation({
    mutationFn: (id: string) => call('DELETE', `/api/shares/${id}`),
    onSuccess: (_, id) => {
      cache.setQueryData<Share[]>(key, (rows) => rows?.filter((row) => row.id !== id));
      if (made?.id === id) setMade(null);
      toast(settings.revoked, { tone: 'good' });
    },
    onError: () => toast(settings.failed, { tone: 'bad' }),
  });
  const titleOf = (share: Share) => share.title || (share.kind === 'collection' ? settings.wholeCollection : settings.oneRecord);
  return (
    <Section title={settings.shares} why={settings.sharesWhy}>
      <ShareCollection onMade={(share) => { setMade(share); void cache.invalidateQueries({ queryKey: key }); }} />
      {made && <div class="mt-4" role="status"><CopyField label={settings.copyLink} text={linkOf(made)} /></div>}
      <div class="mt-6 border-t border-line pt-5">
        <Loaded query={list}>
          {(rows) => (rows.length === 0 ? <p class="text-muted">{settings.noShares}</p> : (
            <Rows>
              {rows.map((share) => (
                <Row key={share.id} title={<Title share={share} />} facts={[
                  date(share.createdAt), settings.views(share.views, number(share.views)), share.showPrices && settings.withPrices, share.showNotes && settings.withNotes,
                  share.expiresAt && settings.until(date(share.expiresAt)),
                ]}>
                  <Button small icon="copy" onClick={() => copy(linkOf(share))}>{settings.copyLink}</Button>
                  <Button small aria-label={settings.revokeOf(titleOf(share))} busy={revoke.isPending && revoke.variables === share.id} onClick={() => revoke.mutate(share.id)}>{settings.revoke}</Button>
                </Row>
              ))}
            </Rows>
          ))}
        </Loaded>
      </div>
    </Section>
  );
}
