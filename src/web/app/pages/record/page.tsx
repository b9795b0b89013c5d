// SPDX-License-Identifier: MIT
// A record: its cover, all that is known of it, and what can be done with it.
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import type { VinylRecord } from '../../api/types';
import { useText } from '../../i18n';
import { Button, ButtonLink } from '../../ui/button';
import { Menu } from '../../ui/menu';
import { Icon } from '../../ui/icon';
import { lazily } from '../../ui/lazy';
import { Waiting, useTitle } from '../../ui/page';
import { RecordCover } from './cover/record-cover';
import { useCommands } from '../records/press';
import { listOf, useRecord } from './data';
import { piecesOf } from './model/form';
import { Condition } from './parts/condition';
import { Ages, Details } from './parts/details';
import { NotThere } from './parts/not-there';
import { Pieces } from './parts/pieces';
import { Section } from './parts/section';
import { removeRecord } from './save/remove';

const ShareDialog = lazily(() => import('./share/share-dialog'));
const AliasDialog = lazily(() => import('./parts/alias-dialog'));

function Heading({ record: { name, artist, format, releaseYear, label, catalogNumber } }: { record: VinylRecord }) {
  const facts = [
    <Link href={listOf('format', format)} class="link">{format}</Link>,
    releaseYear !== null && <Link href={listOf('year', releaseYear)} class="link">{releaseYear}</Link>,
    label && <Link href={listOf('label', label)} class="link"><bdi>{label}</bdi></Link>,
    catalogNumber && <bdi>{catalogNumber}</bdi>,
  ].filter(Boolean);
  return (
    <header>
      <h1 class="font-title text-3xl font-semibold tracking-tight sm:text-4xl"><bdi>{name}</bdi></h1>
      <p class="mt-1 text-xl"><Link href={listOf('artist', artist)} class="text-ink decoration-accent underline-offset-4 hover:underline"><bdi>{artist}</bdi></Link></p>
      <p class="mt-3 flex flex-wrap gap-x-2 text-muted">
        {facts.map((fact, i) => <span key={i} class="flex gap-2">{i > 0 && <span aria-hidden="true">·</span>}{fact}</span>)}
      </p>
    </header>
  );
}

/** `e` edits and `#` deletes, as in the list. */
function useKeys(edit: string, remove: () => void): void {
  const [, navigate] = useLocation();
  useCommands((command) => {
    if (command === 'edit') navigate(edit);
    else if (command === 'remove') remove();
    else return false;
    return true;
  });
}

function Actions({ record: one }: { record: VinylRecord }) {
  const { record, shell } = useText();
  const remove = (): void => removeRecord(one);
  const [open, setOpen] = useState<'share' | 'alias' | null>(null);
  const edit = `/records/${one.id}/edit`;
  useKeys(edit, remove);
  return (
    <div class="flex flex-wrap gap-2">
      <ButtonLink href={edit} look="main" icon="edit">{shell.edit}</ButtonLink>
      <Button icon="share" onClick={() => setOpen('share')}>{record.share.share}</Button>
      <Menu name={shell.more} class="inline-grid size-11 place-items-center rounded-lg border border-edge bg-surface hover:bg-sunken" items={[
        { label: record.aliases.title, icon: 'search', run: () => setOpen('alias') },
        { label: shell.delete, icon: 'trash', danger: true, run: remove },
      ]}>
        <Icon name="more" />
      </Menu>
      {open === 'share' && <ShareDialog record={one} onClose={() => setOpen(null)} />}
      {open === 'alias' && <AliasDialog record={one} onClose={() => setOpen(null)} />}
    </div>
  );
}

function Shown({ record: one }: { record: VinylRecord }) {
  const { record } = useText();
  const pieces = piecesOf(one);
  useTitle(record.by(one.name, one.artist));
  return (
    <article class="mx-auto grid max-w-6xl items-start gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)]">
      <div class="mx-auto w-full max-w-md lg:sticky lg:top-7"><RecordCover record={one} /></div>
      <div class="flex min-w-0 flex-col gap-7">
        <Heading record={one} />
        <Actions record={one} />
        <Condition record={one} pieces={pieces} />
        {pieces.length > 0 && <Section title={record.groups.pieces}><Pieces pieces={pieces} /></Section>}
        <Details record={one} />
        {one.notes && <Section title={record.fields.notes}><p class="max-w-prose whitespace-pre-wrap" dir="auto">{one.notes}</p></Section>}
        <Ages record={one} />
      </div>
    </article>
  );
}

export default function RecordPage({ id }: { id: string }) {
  const { data, error, refetch } = useRecord(id);
  if (data) return <Shown record={data.record} />;
  return error ? <NotThere error={error} onRetry={() => void refetch()} /> : <Waiting />;
}
