// SPDX-License-Identifier: MIT
// The camera: opened for a while, with its light where it has one, and surely closed again.
export type CameraFault = 'refused' | 'none' | 'busy' | 'unsupported';

export class CameraError extends Error {
  constructor(readonly fault: CameraFault) {
    super(fault);
  }
}

const faults: Record<string, CameraFault> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

export interface Camera {
  stream: MediaStream;
  /** Turns the light on or off; null where there is none. */
  torch: ((on: boolean) => Promise<void>) | null;
  close(): void;
}

interface TorchTrack {
  getCapabilities?(): MediaTrackCapabilities & { torch?: boolean };
}

function torchOf(track: MediaStreamTrack | undefined): Camera['torch'] {
  if (!track || !(track as TorchTrack).getCapabilities?.().torch) return null;
  const set = (on: boolean): MediaTrackConstraints => ({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
  return (on) => track.applyConstraints(set(on));
}

export async function openCamera(): Promise<Camera> {
  // absent where the page is not on a secure origin
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices?.getUserMedia) throw new CameraError('unsupported');
  const stream = await devices
    .getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } } })
    .catch((error: unknown) => {
      throw new CameraError(faults[(error as DOMException).name] ?? 'unsupported');
    });
  const close = (): void => stream.getTracks().forEach((track) => track.stop());
  return { stream, torch: torchOf(stream.getVideoTracks()[0]), close };
}
