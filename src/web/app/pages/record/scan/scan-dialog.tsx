// SPDX-License-Identifier: MIT
// Reading a barcode with the camera. Where that cannot be, it says calmly why, and that the digits can be typed.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../../../i18n';
import { Dialog } from '../../../ui/dialog';
import { type Camera } from './camera';
import { Agreement, makeLook } from './reader';
import { CameraView } from './camera-view';

const PAUSE = 80; // milliseconds between two looks: the phone stays cool, and nobody notices

/** Looks until it is told to stop. */
async function search(video: HTMLVideoElement, found: (code: string) => void, stopped: () => boolean): Promise<void> {
  const look = await makeLook();
  const agreement = new Agreement();
  while (!stopped()) {
    const code = video.readyState >= video.HAVE_CURRENT_DATA ? agreement.add(await look(video)) : null;
    if (code !== null && !stopped()) return found(code);
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

export default function ScanDialog({ onCode, onClose }: { onCode: (code: string) => void; onClose: () => void }) {
  const { record: { barcode } } = useText();
  const [broken, setBroken] = useState(false);
  const stopped = useRef(false);
  useEffect(() => () => { stopped.current = true; }, []);
  const ready = (video: HTMLVideoElement, camera: Camera): void => {
    const found = (code: string): void => {
      camera.close();
      navigator.vibrate?.(60);
      onCode(code);
    };
    search(video, found, () => stopped.current).catch(() => setBroken(true));
  };
  return (
    <Dialog title={barcode.title} onClose={onClose}>
      {broken ? <p class="py-8 text-center text-muted">{barcode.reader}</p> : (
        <CameraView onReady={ready} hint={barcode.aim}>
          <svg viewBox="0 0 100 60" class="pointer-events-none absolute inset-0 m-auto w-4/5 text-white" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round">
            <path d="M4 14V6a2 2 0 0 1 2-2h12M82 4h12a2 2 0 0 1 2 2v8M96 46v8a2 2 0 0 1-2 2H82M18 56H6a2 2 0 0 1-2-2v-8" />
            <path d="M8 30h84" class="stroke-accent" stroke-width="0.75" />
          </svg>
        </CameraView>
      )}
    </Dialog>
  );
}
