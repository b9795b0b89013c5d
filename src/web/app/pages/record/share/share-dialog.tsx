// SPDX-License-Identifier: MIT
// Showing a record to somebody who has no account: links are made, copied, changed and taken back.
import { useState } from 'preact/hooks';
import type { VinylRecord } from '../../../api/types';
import { useText } from '../../../i18n';
import { ago } from '../../../i18n/format';
import { Button, IconButton } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Fault } from '../../../ui/field';
import { toast } from '../../../ui/toast';
import { type Share, addressOf, changeShare, makeShare, revokeShare, useShares } from './api';

async function copy(input: HTMLInputElement | null, address: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(address);
    return true;
  } catch {
    input?.select();
    return false;
  }
}

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="flex min-h-11 cursor-pointer items-center gap-2.5">
      <input type="checkbox" class="size-5 accent-accent" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

function Link({ share: one, onTry }: { share: Share; onTry: (work: Promise<unknown>) => void }) {
  const { record: { share } } = useText();
  const address = addressOf(one);
  const facts = [share.made(ago(one.createdAt)), share.views(one.views)];
  const copied = (input: HTMLInputElement | null): void =>
    void copy(input, address).then((done) => toast(done ? share.copied : share.cannotCopy, { tone: done ? 'good' : 'plain' }));
  const revoke = (): void => onTry(revokeShare(one.id).then(() => toast(share.revoked)));
  return (
    <li class="rounded-xl border border-line p-3">
      <div class="flex gap-2">
        <input readOnly dir="ltr" class="field min-w-0 text-sm" aria-label={share.link} value={address} onFocus={(event) => event.currentTarget.select()} />
        <IconButton icon="copy" look="main" name={share.copy} onClick={(event) => copied(event.currentTarget.previousElementSibling as HTMLInputElement | null)} />
        {'share' in navigator && <IconButton icon="share" look="plain" name={share.send} onClick={() => void navigator.share({ url: address }).catch(() => undefined)} />}
      </div>
      <div class="mt-1 flex flex-wrap items-center gap-x-5">
        <Tick label={share.showPrices} checked={one.showPrices} onChange={(showPrices) => onTry(changeShare(one.id, { showPrices }))} />
        <Tick label={share.showNotes} checked={one.showNotes} onChange={(showNotes) => onTry(changeShare(one.id, { showNotes }))} />
      </div>
      <div class="flex flex-wrap items-center gap-2">
        <p class="grow text-sm text-muted">{facts.join(' · ')}</p>
        <Button small icon="trash" onClick={revoke}>{share.revoke}</Button>
      </div>
    </li>
  );
}

export default function ShareDialog({ record: { id }, onClose }: { record: VinylRecord; onClose: () => void }) {
  const { record: { share } } = useText();
  const { data: links, error } = useShares(id);
  const [shows, setShows] = useState({ showPrices: false, showNotes: false });
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const attempt = (work: Promise<unknown>): void => {
    setBusy(true);
    setFault(undefined);
    work.catch(() => setFault(share.failed)).finally(() => setBusy(false));
  };
  return (
    <Dialog title={share.title} onClose={onClose}>
      <p>{share.why}</p>
      <div class="mt-3 flex flex-wrap items-center gap-x-5">
        <Tick label={share.showPrices} checked={shows.showPrices} onChange={(showPrices) => setShows({ ...shows, showPrices })} />
        <Tick label={share.showNotes} checked={shows.showNotes} onChange={(showNotes) => setShows({ ...shows, showNotes })} />
        <Button look="main" icon="link" class="ms-auto" busy={busy} onClick={() => attempt(makeShare(id, shows))}>{share.make}</Button>
      </div>
      <Fault text={fault ?? (error ? share.failed : undefined)} />
      {!links && !error && <p role="status" class="mt-4 text-muted">{share.loading}</p>}
      {links && links.length > 0 && (
        <>
          <h3 class="mt-5 mb-2 font-medium">{share.links}</h3>
          <ul class="flex flex-col gap-3">{links.map((one) => <Link key={one.id} share={one} onTry={attempt} />)}</ul>
        </>
      )}
    </Dialog>
  );
}
