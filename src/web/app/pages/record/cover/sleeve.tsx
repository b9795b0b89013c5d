// SPDX-License-Identifier: MIT
// A cover, or the place for one.
import type { ComponentChildren } from 'preact';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/class';
import { Icon } from '../../../ui/icon';

interface Props {
  src: string | null;
  /** "Pastel Blues by Nina Simone"; empty while it has no name. */
  title: string;
  class?: string;
  children?: ComponentChildren;
}

/** Square whatever the picture is, so that nothing moves when it arrives. */
export function Sleeve({ src, title, class: more, children }: Props) {
  const { record: { cover } } = useText();
  return (
    <div class={classes('relative grid aspect-square w-full place-items-center overflow-hidden rounded-card border border-line bg-sunken shadow-card', more)}>
      {src
        ? <img src={src} alt={title ? cover.of(title) : ''} width={1000} height={1000} decoding="async" class="size-full object-contain" />
        : <span class="flex flex-col items-center gap-2 p-6 text-center text-muted"><Icon name="record" size={56} />{cover.none}</span>}
      {children}
    </div>
  );
}
