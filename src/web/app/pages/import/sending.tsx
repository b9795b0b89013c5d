// SPDX-License-Identifier: MIT
// The file on its way to the server.
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Progress } from '../../ui/progress';
import { cancelSending, type Sending } from './wizard';
import { percent, size } from './words';

export function SendingView({ sending: { sent, of } }: { sending: Sending }) {
  const { importing } = useText();
  return (
    <div class="py-4">
      <h2 class="font-title text-xl font-semibold">{importing.uploading}</h2>
      <p class="mt-1 text-muted">{importing.uploadingHint}</p>
      <div class="mt-5"><Progress value={of > 0 ? sent / of : null} label={importing.uploading} /></div>
      <p class="mt-2 flex justify-between text-sm text-muted tabular-nums"><span>{size(sent)} / {size(of)}</span><span>{percent(of > 0 ? sent / of : 0)}</span></p>
      <div class="mt-5"><Button icon="close" onClick={cancelSending}>{importing.cancel}</Button></div>
    </div>
  );
}
