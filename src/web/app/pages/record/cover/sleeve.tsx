// SPDX-License-Identifier: MIT
// A cover, or the place for one.
import type { ComponentChildren } from 'preact';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/class';
import { Cover } from '../../../ui/cover';
import { Icon } from '../../../ui/icon';

interface Props {
  src: string | null;
  artist: string;
  name: string;
  class?: string;
  children?: ComponentChildren;
}

/** Square whatever the picture is, so that nothing moves when it arrives. */
export function Sleeve({ src, artist, name, class: more, children }: Props) {
  const { record } = useText();
  const { cover } = record;
  return (
    <div class={classes('relative grid aspect-square w-full place-items-center overflow-hidden rounded-card border border-line bg-sunken shadow-card', more)}>
      {src
        ? <img src={src} alt={artist && name ? cover.of(record.by(name, artist)) : cover.shown} width={1000} height={1000} decoding="async" class="absolute inset-0 size-full object-contain" />
        : artist && name ? <Cover record={{ artist, name }} /> : <span class="flex flex-col items-center gap-2 p-3 text-center text-sm text-muted"><Icon name="record" size={44} />{cover.none}</span>}
      {children}
    </div>
  );
}
