// SPDX-License-Identifier: MIT
// How far a change of many records is, with the way to stop it.
import { useEffect } from 'preact/hooks';
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Progress } from '../../ui/progress';
import { useWork } from './hooks';
import { PIECE } from './batch';

export function WorkProgress() {
  const { records, shell } = useText();
  const work = useWork();
  const busy = work !== null;
  useEffect(() => {
    if (!busy) return;
    // Leaving would stop it halfway.
    const stay = (event: BeforeUnloadEvent) => { event.preventDefault(); };
    addEventListener('beforeunload', stay);
    return () => { removeEventListener('beforeunload', stay); };
  }, [busy]);
  if (!work || (work.phase === 'apply' && work.total <= PIECE)) return null;
  return (
    <div class="fixed inset-x-0 bottom-[calc(4.75rem+env(safe-area-inset-bottom))] z-40 flex justify-center px-3 md:bottom-6">
      <div class="card flex w-full max-w-md items-center gap-4 px-4 py-3 shadow-float">
        <div class="grow">
          <p class="mb-1.5 flex justify-between gap-3 text-sm"><span>{records.working[work.phase]}</span><span class="tabular-nums text-muted">{records.progress(work.done, work.total)}</span></p>
          <Progress value={work.total > 0 ? work.done / work.total : null} label={records.working[work.phase]} />
        </div>
        <Button small onClick={work.cancel}>{shell.cancel}</Button>
      </div>
    </div>
  );
}
