// SPDX-License-Identifier: MIT
// A modal dialog: the browser's own, which traps the focus, gives it back, and closes at Escape. A sheet on a phone.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useText } from '../i18n';
import { IconButton } from './button';
import { classes } from './class';

interface Props {
  title: string;
  onClose?: () => void; // without it, only what is inside leads on
  children: ComponentChildren;
  actions?: ComponentChildren;
  wide?: boolean;
}

/** Is open for as long as it is rendered. Escape, a click outside and the cross call `onClose`. */
export function Dialog({ title, onClose, children, actions, wide }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  const gone = useRef(false);
  const { shell } = useText();
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => { gone.current = true; dialog?.close(); };
  }, []);
  // A second Escape closes it whatever anybody says.
  const closed = () => {
    if (gone.current) return;
    if (onClose) onClose();
    else box.current?.showModal();
  };
  return (
    <dialog ref={box} aria-labelledby={id}
      class={classes('mx-auto mb-0 mt-auto flex max-h-[92dvh] w-full max-w-none animate-rise flex-col overflow-hidden rounded-t-2xl border border-line bg-surface text-ink shadow-float sm:mb-auto sm:rounded-2xl', wide ? 'sm:w-[min(56rem,94vw)]' : 'sm:w-[min(34rem,94vw)]')}
      onClose={closed}
      onCancel={(event) => { event.preventDefault(); onClose?.(); }}
      onPointerDown={(event) => { if (event.target === box.current) onClose?.(); }}>
      <header class="flex min-h-14 items-center gap-2 border-b border-line py-1.5 ps-5 pe-2">
        <h2 id={id} class="grow font-title text-lg font-semibold">{title}</h2>
        {onClose && <IconButton icon="close" name={shell.close} onClick={onClose} />}
      </header>
      <div class="grow overflow-y-auto px-5 py-4">{children}</div>
      {actions && <footer class="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{actions}</footer>}
    </dialog>
  );
}
