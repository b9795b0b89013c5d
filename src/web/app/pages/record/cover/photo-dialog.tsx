// SPDX-License-Identifier: MIT
// Photographing a cover.
import { useState } from 'preact/hooks';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { CameraView } from '../scan/camera-view';
import { shrinkFrame } from './shrink';

export default function PhotoDialog({ onPhoto, onClose }: { onPhoto: (picture: Promise<Blob>) => void; onClose: () => void }) {
  const { record: { cover } } = useText();
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);
  const shutter = video && <Button look="main" icon="camera" onClick={() => onPhoto(shrinkFrame(video))}>{cover.shutter}</Button>;
  return (
    <Dialog title={cover.photoTitle} onClose={onClose} actions={shutter}>
      <CameraView hint={cover.photoAim} onReady={(ready) => setVideo(ready)}>
        <span class="pointer-events-none absolute inset-4 m-auto aspect-square max-h-full rounded-lg border-2 border-white/70" aria-hidden="true" />
      </CameraView>
    </Dialog>
  );
}
