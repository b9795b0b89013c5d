// SPDX-License-Identifier: MIT
// A record that somebody shared.
import { Link } from 'wouter-preact';
import type { VinylRecord } from '../../api/types';
import { useText } from '../../i18n';
import { Cover } from '../../ui/cover';
import { Icon } from '../../ui/icon';
import { Waiting, useTitle } from '../../ui/page';
import { piecesOf } from '../record/model/form';
import { Condition } from '../record/parts/condition';
import { Details } from '../record/parts/details';
import { Pieces } from '../record/parts/pieces';
import { Section } from '../record/parts/section';
import { shownOf, useSharedRecord } from './data';
import { NotShared } from './gone';

export function SharedRecord({ record: one }: { record: VinylRecord }) {
  const { record } = useText();
  const pieces = piecesOf(one);
  const facts = [one.format, one.releaseYear, one.label, one.catalogNumber].filter(Boolean);
  useTitle(record.by(one.name, one.artist));
  return (
    <article class="grid items-start gap-x-12 gap-y-7 lg:grid-cols-[minmax(0,28rem)_minmax(0,1fr)]">
      <Cover record={one} class="mx-auto max-w-md rounded-xl shadow-float lg:sticky lg:top-10" />
      <div class="flex min-w-0 flex-col gap-7">
        <header>
          <h1 class="font-title text-4xl font-semibold tracking-tight"><bdi>{one.name}</bdi></h1>
          <p class="mt-1 text-2xl"><bdi>{one.artist}</bdi></p>
          <p class="mt-3 text-muted">{facts.map((fact, i) => <span key={i}>{i > 0 && ' · '}<bdi>{fact}</bdi></span>)}</p>
        </header>
        <Condition record={one} pieces={pieces} />
        {pieces.length > 0 && <Section title={record.groups.pieces}><Pieces pieces={pieces} /></Section>}
        <Details record={one} />
        {one.notes && <Section title={record.fields.notes}><p class="max-w-prose whitespace-pre-wrap" dir="auto">{one.notes}</p></Section>}
      </div>
    </article>
  );
}

/** One of a collection's records, with the way back to where it was found. */
export function SharedRecordOf({ token, id, title }: { token: string; id: string; title: string }) {
  const { data, error, refetch } = useSharedRecord(token, id);
  if (error && !data) return <NotShared error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <p class="mb-4"><Link href={`/s/${token}`} class="inline-flex min-h-11 items-center gap-2 text-muted hover:text-ink"><Icon name="back" />{title}</Link></p>
      {data ? <SharedRecord record={shownOf(data)} /> : <Waiting />}
    </>
  );
}
