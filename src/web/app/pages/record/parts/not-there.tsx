// SPDX-License-Identifier: MIT
// In the place of a record that cannot be shown: it is gone, or the server is away.
import { Problem } from '../../../api/client';
import { useText } from '../../../i18n';
import { Button, ButtonLink } from '../../../ui/button';
import { Empty, useTitle } from '../../../ui/page';

const GONE = [400, 404, 410, 422];

export function NotThere({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { record, shell } = useText();
  const gone = error instanceof Problem && GONE.includes(error.status);
  useTitle(gone ? record.gone : record.unreachable);
  const actions = gone
    ? <><ButtonLink href="/records" look="main">{record.toRecords}</ButtonLink><ButtonLink href="/records/trash">{record.toTrash}</ButtonLink></>
    : <Button look="main" onClick={onRetry}>{shell.retry}</Button>;
  return <Empty page icon={gone ? 'record' : 'offline'} title={gone ? record.gone : record.unreachable} actions={actions}>{gone && record.goneWhy}</Empty>;
}
