// SPDX-License-Identifier: MIT
// A picture for the cover: chosen, photographed, dropped or pasted; made small before it goes anywhere.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../../../api/problem';
import { type Messages, useText } from '../../../i18n';
import { Button, IconButton } from '../../../ui/button';
import { Fault } from '../../../ui/field';
import { lazily } from '../../../ui/lazy';
import { Progress } from '../../../ui/progress';
import { PictureError, pictureIn, shrinkPicture } from './shrink';
import { Sleeve } from './sleeve';

const PhotoDialog = lazily(() => import('./photo-dialog'));

interface Props {
  src: string | null;
  artist: string;
  name: string;
  /** Small beside its buttons on a phone, where the fields are what matters. */
  compact?: boolean;
  /** Takes the small picture; tells how far it is with sending it. */
  onPicture: (picture: Blob, progress: (part: number) => void) => Promise<void>;
  onRemove: () => void;
  children?: ComponentChildren;
}

const INSUFFICIENT_STORAGE = 507;

function faultOf(error: unknown, { cover, save }: Messages['record']): string {
  if (error instanceof PictureError) return cover[error.fault];
  if (!(error instanceof Problem)) return save.unreachable;
  return error.status === INSUFFICIENT_STORAGE ? cover.full : `${cover.failed} (${error.message})`;
}

type Work = { phase: 'prepare' } | { phase: 'send'; part: number };

function usePicture(onPicture: Props['onPicture']) {
  const { record } = useText();
  const [work, setWork] = useState<Work | null>(null);
  const [fault, setFault] = useState<string>();
  const take = (made: Promise<Blob>): void => {
    setFault(undefined);
    setWork({ phase: 'prepare' });
    made
      .then((picture) => onPicture(picture, (part) => setWork({ phase: 'send', part })))
      .catch((error: unknown) => setFault(faultOf(error, record)))
      .finally(() => setWork(null));
  };
  return { work, fault, take, takeFile: (file: File | null | undefined) => { if (file) take(shrinkPicture(file)); } };
}

/** Pasting works anywhere on the page, but not into a text. */
function usePaste(takeFile: (file: File | null) => void): void {
  const latest = useRef(takeFile);
  latest.current = takeFile;
  useEffect(() => {
    const pasted = (event: ClipboardEvent): void => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (!file) return;
      event.preventDefault();
      latest.current(file);
    };
    document.addEventListener('paste', pasted);
    return () => document.removeEventListener('paste', pasted);
  }, []);
}

function useDrop(takeFile: (file: File | null) => void) {
  const [over, setOver] = useState(false);
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  return {
    over,
    onDragOver: (event: DragEvent) => { if (carriesFiles(event)) { event.preventDefault(); setOver(true); } },
    onDragLeave: (event: DragEvent) => { if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) setOver(false); },
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      takeFile(pictureIn(event.dataTransfer));
    },
  };
}

export function PictureInput({ src, artist, name, compact, onPicture, onRemove, children }: Props) {
  const { record: { cover } } = useText();
  const { work, fault, take, takeFile } = usePicture(onPicture);
  const { over, ...drop } = useDrop(takeFile);
  const [photo, setPhoto] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  usePaste(takeFile);
  return (
    <div class={compact ? 'grid items-center gap-x-4 gap-y-2 max-lg:grid-cols-[7rem_minmax(0,1fr)]' : 'flex flex-col gap-2'} {...drop}>
      <Sleeve src={src} artist={artist} name={name}>
        {over && <p class="absolute inset-0 grid place-items-center bg-accent-soft p-6 text-center font-medium text-accent outline-3 -outline-offset-8 outline-dashed">{cover.dropNow}</p>}
        {work && (
          <div class="absolute inset-x-0 bottom-0 bg-surface/95 p-3">
            <p role="status" class="mb-2 text-sm">{work.phase === 'prepare' ? cover.working : cover.sending}</p>
            <Progress label={cover.sending} value={work.phase === 'send' ? work.part : null} />
          </div>
        )}
      </Sleeve>
      <input ref={file} type="file" accept="image/*" class="sr-only" tabIndex={-1} aria-label={cover.choose}
        onChange={(event) => { takeFile(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
      <div class="flex min-w-0 flex-col gap-2">
        <div class="flex gap-2">
          <Button small class="grow" icon="upload" disabled={work !== null} onClick={() => file.current?.click()}>{src ? cover.replace : cover.choose}</Button>
          <IconButton icon="camera" look="plain" class="min-h-9! h-9!" name={cover.photo} disabled={work !== null} onClick={() => setPhoto(true)} />
          {src && <IconButton icon="trash" look="plain" class="min-h-9! h-9!" name={cover.remove} disabled={work !== null} onClick={onRemove} />}
        </div>
        <p class="text-sm text-muted pointer-coarse:hidden">{cover.drop}</p>
        {children}
        <Fault text={fault} />
      </div>
      {photo && <PhotoDialog onClose={() => setPhoto(false)} onPhoto={(made) => { setPhoto(false); take(made); }} />}
    </div>
  );
}
