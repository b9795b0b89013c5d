// SPDX-License-Identifier: MIT
// Asks once more before a whole import is undone.
import { useMutation } from '@tanstack/preact-query';
import { useLocation } from 'wouter-preact';
import { useText } from '../../i18n';
import { jobKey, jobsKey, undoJob, type Job } from '../../api/jobs';
import { queries } from '../../api/queries';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Fault } from '../../ui/field';
import { faultText } from '../../ui/fault-text';

export function UndoDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const messages = useText();
  const { importing, shell } = messages;
  const [, navigate] = useLocation();
  const undo = useMutation({
    mutationFn: () => undoJob(job.id),
    onSuccess: (undoing) => {
      queries.setQueryData(jobKey(undoing.id), undoing);
      void queries.invalidateQueries({ queryKey: jobsKey });
      onClose();
      navigate(`/import/${undoing.id}`);
    },
  });
  return (
    <Dialog title={importing.undoTitle} onClose={onClose}
      actions={<><Button onClick={onClose}>{shell.cancel}</Button><Button look="danger" icon="undo" busy={undo.isPending} onClick={() => undo.mutate()}>{importing.undo}</Button></>}>
      <p>{importing.undoWhat}</p>
      <Fault text={undo.error ? faultText(undo.error, messages) : undefined} />
    </Dialog>
  );
}
