// SPDX-License-Identifier: MIT
// Something to be copied, with a button that does it.
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { toast } from '../../ui/toast';

export function useCopying(): (text: string) => void {
  const { settings } = useText().account;
  return (text) =>
    void navigator.clipboard.writeText(text).then(() => toast(settings.copied, { tone: 'good' }), () => toast(settings.notCopied, { tone: 'bad' }));
}

export function CopyField({ label, text }: { label: string; text: string }) {
  const { settings } = useText().account;
  const copy = useCopying();
  return (
    <div class="flex gap-2">
      <input class="field grow font-mono" readOnly dir="ltr" aria-label={label} value={text} onFocus={(event) => event.currentTarget.select()} />
      <Button look="main" icon="copy" onClick={() => copy(text)}>{settings.copy}</Button>
    </div>
  );
}
