// SPDX-License-Identifier: MIT
// The camera's button. What reads codes is loaded when it is first pressed.
import { useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { Icon } from '../../ui/icon';
import { lazily } from '../../ui/lazy';

const Scanner = lazily(() => import('../record/scan/scan-dialog'));

export function ScanButton({ onCode }: { onCode: (code: string) => void }) {
  const { shop } = useText().account;
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" title={shop.scan} aria-label={shop.scan} onClick={() => setOpen(true)}
        class="grid size-14 shrink-0 place-items-center rounded-2xl bg-accent text-accent-ink hover:brightness-110">
        <Icon name="barcode" size={26} />
      </button>
      {open && <Scanner onClose={() => setOpen(false)} onCode={(code: string) => { setOpen(false); onCode(code); }} />}
    </>
  );
}
