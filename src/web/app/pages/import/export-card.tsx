// SPDX-License-Identifier: MIT
// Everything as a file, in one click.
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { useWatched } from '../../base/watch';
import { cancelExport, currentExport, startExport, watchExport, type ExportKind } from './exporting';
import { size } from './words';

function Choice({ kind, name, hint, busy }: { kind: ExportKind; name: string; hint: string; busy: boolean }) {
  return (
    <button type="button" disabled={busy} onClick={() => void startExport(kind)}
      class="flex min-h-11 w-full items-center gap-3 rounded-xl border border-line px-4 py-3 text-start hover:border-edge hover:bg-sunken disabled:opacity-60">
      <Icon name="download" class="text-accent" />
      <span><span class="block font-medium">{name}</span><span class="block text-sm text-muted">{hint}</span></span>
    </button>
  );
}

export function ExportCard() {
  const { importing } = useText();
  const { kind, bytes, ended } = useWatched(watchExport, currentExport);
  return (
    <section class="card p-5" aria-labelledby="export-all">
      <h2 id="export-all" class="font-title text-lg font-semibold">{importing.exportTitle}</h2>
      <p class="mb-4 text-muted">{importing.exportWhat}</p>
      <div class="grid gap-3">
        <Choice kind="csv" name={importing.exportCsv} hint={importing.exportCsvHint} busy={kind !== null} />
        <Choice kind="json" name={importing.exportJson} hint={importing.exportJsonHint} busy={kind !== null} />
      </div>
      <div class="mt-3 flex min-h-9 items-center gap-3 text-sm">
        <p role="status" class={ended === 'failed' ? 'grow text-bad' : 'grow text-muted'}>
          {kind ? importing.exporting(size(bytes)) : ended === 'saved' ? importing.exported : ended === 'failed' ? importing.exportFailed : ''}
        </p>
        {kind && <Button small onClick={cancelExport}>{importing.cancel}</Button>}
      </div>
    </section>
  );
}
