// SPDX-License-Identifier: MIT
// What came of a question to the server, or why it is not there yet.
import type { UseQueryResult } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
import { isPassing } from '../../api/problem';
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Waiting } from '../../ui/page';

export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ComponentChildren }) {
  const { shell, account: { settings, weather } } = useText();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (!query.isError) return <Waiting />;
  return (
    <div role="status" class="flex flex-wrap items-center gap-3 text-muted">
      <p class="grow">{isPassing(query.error) ? weather.unreachableWhy : settings.failed}</p>
      <Button small onClick={() => void query.refetch()}>{shell.retry}</Button>
    </div>
  );
}
