// SPDX-License-Identifier: MIT
// Why a link shows nothing: it leads nowhere any more, or the server cannot be asked.
import { Problem } from '../../api/problem';
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Empty, useTitle } from '../../ui/page';

export function NotShared({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { shell, account: { shared, weather } } = useText();
  const gone = error instanceof Problem && error.status === 404;
  useTitle(gone ? shared.gone : weather.unreachable);
  if (gone) return <Empty page icon="link" title={shared.gone}>{shared.goneWhy}</Empty>;
  return <Empty page icon="offline" title={weather.unreachable} actions={<Button onClick={onRetry}>{shell.retry}</Button>}>{weather.unreachableWhy}</Empty>;
}
