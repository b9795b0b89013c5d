// SPDX-License-Identifier: MIT
// Reading a barcode off a video: by the browser where it can, else by a small reader that is loaded when it is needed.
import { provesItself } from '../model/barcode';

/** What is seen in the video now; null when it is no code. */
export type Look = (video: HTMLVideoElement) => Promise<string | null>;

const FORMATS = ['ean_13', 'ean_8', 'upc_a'];

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

async function nativeLook(): Promise<Look | null> {
  const known = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = known ? await known.getSupportedFormats().catch(() => []) : [];
  const wanted = FORMATS.filter((format) => formats.includes(format));
  if (!known || !wanted.includes('ean_13')) return null;
  const detector = new known({ formats: wanted });
  return async (video) => (await detector.detect(video)).map(({ rawValue }) => rawValue).find(provesItself) ?? null;
}

export async function makeLook(): Promise<Look> {
  return (await nativeLook()) ?? (await import('./luminance')).look;
}

/** A code counts when two looks in a row agree: a check digit alone lets one wrong reading in ten through. */
export class Agreement {
  private last: string | null = null;

  add(code: string | null): string | null {
    if (code === null || !provesItself(code)) return null;
    const agreed = code === this.last;
    this.last = code;
    return agreed ? code : null;
  }
}
