// SPDX-License-Identifier: MIT
// The barcode: typed, from a scanner that types, or read by the camera.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../../../i18n';
import { Button, IconButton } from '../../../ui/button';
import { Field } from '../../../ui/field';
import { Icon } from '../../../ui/icon';
import { toast } from '../../../ui/toast';
import { useEditing, useFault } from '../editor-context';
import { barcodeState, provesItself } from '../model/barcode';
import { Wedge } from '../model/wedge';
import { lazily } from '../../../ui/lazy';

const ScanDialog = lazily(() => import('../scan/scan-dialog'));

/** Opens the camera; whatever it reads becomes the barcode. `wide` is for where it is the first thing to do. */
export function ScanButton({ wide }: { wide?: boolean }) {
  const { set } = useEditing();
  const { record } = useText();
  const [open, setOpen] = useState(false);
  const found = (code: string): void => {
    setOpen(false);
    set('barcode', code);
    toast(record.barcode.scanned(code), { tone: 'good' });
  };
  return (
    <>
      {wide
        ? <Button small icon="barcode" onClick={() => setOpen(true)}>{record.barcode.scanShort}</Button>
        : <IconButton icon="camera" look="plain" name={record.barcode.scan} onClick={() => setOpen(true)} />}
      {open && <ScanDialog onCode={found} onClose={() => setOpen(false)} />}
    </>
  );
}

export function Barcode({ class: more }: { class?: string }) {
  const { form, set, left } = useEditing();
  const { record } = useText();
  const good = barcodeState(form.barcode) === 'good';
  return (
    <Field label={record.fields.barcode} fault={useFault('barcode')} hint={good ? undefined : record.barcode.hint} class={more}>
      {(control) => (
        <>
          <span class="flex gap-2">
            <input {...control} name="barcode" type="text" inputMode="numeric" autocomplete="off" dir="ltr" class="field tabular-nums"
              value={form.barcode} onInput={(event) => set('barcode', event.currentTarget.value)} onBlur={() => left('barcode')} />
            <ScanButton />
          </span>
          {good && <span class="flex items-center gap-1.5 text-sm text-good"><Icon name="check" size={18} />{record.barcode.good}</span>}
        </>
      )}
    </Field>
  );
}

/**
 * A scanner types wherever the focus is and ends with Enter, which must not send the form. In the barcode's own field it is
 * what was typed; in any other, a code that proves itself moves to where it belongs.
 */
export function useScanner(form: { current: HTMLFormElement | null }): void {
  const { set } = useEditing();
  const { record } = useText();
  const wedge = useRef(new Wedge());
  useEffect(() => {
    // A scanner that ends with Tab may go on to the next field.
    const hold = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      event.stopPropagation();
    };
    const pressed = (event: KeyboardEvent): void => {
      const input = event.target;
      const end = wedge.current.press(event.key, event.timeStamp);
      if (!end || !(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return;
      if (end === 'tail') return hold(event);
      const own = input.name === 'barcode';
      if (!own && !provesItself(end.code)) return;
      if (own) {
        hold(event);
        return toastRead(input.value);
      }
      event.preventDefault();
      event.stopPropagation();
      const { value } = input;
      input.value = value.endsWith(end.code) ? value.slice(0, -end.code.length) : value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      set('barcode', end.code);
      toastRead(end.code);
    };
    const toastRead = (code: string): void => void (provesItself(code) && toast(record.barcode.scanned(code), { tone: 'good' }));
    const element = form.current;
    element?.addEventListener('keydown', pressed, true);
    return () => element?.removeEventListener('keydown', pressed, true);
  }, [form, set, record]);
}
