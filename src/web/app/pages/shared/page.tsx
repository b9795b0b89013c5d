// SPDX-License-Identifier: MIT
// What somebody shared, for everybody who has the link.
import { useRoute } from 'wouter-preact';
import { useText } from '../../i18n';
import { Waiting } from '../../ui/page';
import { SharedCollection } from './collection';
import { shownOf, useShared } from './data';
import { NotShared } from './gone';
import { SharedFrame } from './head';
import { SharedRecord, SharedRecordOf } from './record';

function Thing({ token }: { token: string }) {
  const { shared } = useText().account;
  const { data: thing, error, refetch } = useShared(token);
  const [, one] = useRoute('/s/:token/records/:id');
  if (!thing) return error ? <NotShared error={error} onRetry={() => void refetch()} /> : <Waiting />;
  if (thing.kind === 'record') return thing.record ? <SharedRecord record={shownOf(thing.record)} /> : null;
  if (one?.id) return <SharedRecordOf key={one.id} token={token} id={one.id} title={thing.title || shared.collection} />;
  return <SharedCollection token={token} thing={thing} />;
}

export default function Shared({ token }: { token: string }) {
  return <SharedFrame><Thing token={token} /></SharedFrame>;
}
