// SPDX-License-Identifier: MIT
// What the camera sees, with its light where it has one; or why there is nothing to be seen.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { type Camera, CameraError, type CameraFault, openCamera } from './camera';

interface Props {
  /** The picture moves. The camera is closed when the view goes. */
  onReady: (video: HTMLVideoElement, camera: Camera) => void;
  hint: string;
  /** Laid over the picture. */
  children?: ComponentChildren;
}

function useCamera(onReady: Props['onReady']) {
  const video = useRef<HTMLVideoElement>(null);
  const [camera, setCamera] = useState<Camera | null>(null);
  const [fault, setFault] = useState<CameraFault | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let open: Camera | null = null;
    let over = false;
    const begin = async (): Promise<void> => {
      open = await openCamera();
      if (over || !video.current) return open.close();
      video.current.srcObject = open.stream;
      await video.current.play();
      setCamera(open);
      onReady(video.current, open);
    };
    begin().catch((error: unknown) => { if (!over) setFault(error instanceof CameraError ? error.fault : 'busy'); });
    return () => { over = true; open?.close(); };
  }, [tries]);
  return { video, camera, fault, again: () => { setFault(null); setTries(tries + 1); } };
}

function Torch({ camera }: { camera: Camera }) {
  const { record: { barcode } } = useText();
  const [on, setOn] = useState(false);
  const { torch } = camera;
  if (!torch) return null;
  return (
    <Button aria-pressed={on} onClick={() => void torch(!on).then(() => setOn(!on), () => undefined)}>{on ? barcode.torchOff : barcode.torchOn}</Button>
  );
}

export function CameraView({ onReady, hint, children }: Props) {
  const { record: { barcode }, shell } = useText();
  const { video, camera, fault, again } = useCamera(onReady);
  if (fault) {
    return (
      <div role="status" class="flex flex-col items-center gap-4 py-8 text-center">
        <Icon name="camera" size={36} class="text-muted" />
        <p class="max-w-sm text-muted">{barcode[fault]}</p>
        {fault === 'busy' && <Button onClick={again}>{shell.retry}</Button>}
      </div>
    );
  }
  return (
    <div class="flex flex-col gap-3">
      <div class="relative aspect-[4/3] overflow-hidden rounded-xl bg-black">
        <video ref={video} muted playsInline class="size-full object-cover" aria-hidden="true" />
        {camera && children}
      </div>
      <div class="flex min-h-11 flex-wrap items-center justify-between gap-2">
        <p role="status" class="text-sm text-muted">{camera ? hint : barcode.starting}</p>
        {camera && <Torch camera={camera} />}
      </div>
    </div>
  );
}
