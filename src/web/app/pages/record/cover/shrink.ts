// SPDX-License-Identifier: MIT
// A picture made small enough to keep: upright, at most 1000 pixels a side, drawn anew so that nothing but the picture is left.
export const MAX_SIDE = 1000;
/** No camera's picture is larger; what is would only stall the page. */
export const MAX_FILE = 64 << 20;
/** The server's limit is 2 MB; a picture that is larger at its best quality is tried with less. */
const MAX_BYTES = 1_500_000;
const QUALITIES = [0.86, 0.7, 0.5] as const;

export type PictureFault = 'notPicture' | 'tooLarge' | 'cannotDraw';

export class PictureError extends Error {
  constructor(readonly fault: PictureFault) {
    super(fault);
  }
}

export interface Size {
  width: number;
  height: number;
}

/** Fits into a square of `max`, never enlarged, never less than a pixel. */
export function fit({ width, height }: Size, max: number = MAX_SIDE): Size {
  const scale = Math.min(1, max / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

interface Surface {
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  encode(type: string, quality: number): Promise<Blob | null>;
}

function surface({ width, height }: Size): Surface {
  if (typeof OffscreenCanvas !== 'undefined') {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    if (context) return { context, encode: (type, quality) => canvas.convertToBlob({ type, quality }) };
  }
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  if (!context) throw new PictureError('cannotDraw');
  return { context, encode: (type, quality) => new Promise((done) => canvas.toBlob(done, type, quality)) };
}

/** WebP where the browser writes it, else JPEG: some answer with PNG when they do not know the type. */
async function encode(made: Surface): Promise<Blob> {
  for (const quality of QUALITIES) {
    for (const type of ['image/webp', 'image/jpeg']) {
      const blob = await made.encode(type, quality);
      if (blob?.type !== type) continue;
      if (blob.size <= MAX_BYTES) return blob;
      break;
    }
  }
  throw new PictureError('cannotDraw');
}

async function draw(source: CanvasImageSource, from: Size, max: number): Promise<Blob> {
  const to = fit(from, max);
  const made = surface(to);
  made.context.fillStyle = '#fff';
  made.context.fillRect(0, 0, to.width, to.height);
  made.context.imageSmoothingQuality = 'high';
  made.context.drawImage(source, 0, 0, to.width, to.height);
  return encode(made);
}

export async function shrinkPicture(file: Blob, max: number = MAX_SIDE): Promise<Blob> {
  if (file.size > MAX_FILE) throw new PictureError('tooLarge');
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new PictureError('notPicture');
  });
  try {
    return await draw(bitmap, bitmap, max);
  } finally {
    bitmap.close();
  }
}

/** What the camera shows now. */
export function shrinkFrame(video: HTMLVideoElement, max: number = MAX_SIDE): Promise<Blob> {
  return draw(video, { width: video.videoWidth, height: video.videoHeight }, max);
}

/** The first picture of what was dropped or pasted. */
export function pictureIn(data: DataTransfer | null): File | null {
  const files = [...(data?.files ?? [])];
  return files.find(({ type }) => type.startsWith('image/')) ?? files[0] ?? null;
}

export async function toDataUrl(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `data:${blob.type};base64,${btoa(text)}`;
}

/** By hand: the page's policy lets nothing fetch a data address. Null when it is none of ours. */
export function fromDataUrl(url: string): Blob | null {
  const [, type, body] = /^data:(image\/(?:webp|jpeg));base64,([A-Za-z0-9+/=]+)$/.exec(url) ?? [];
  if (!type || !body) return null;
  return new Blob([Uint8Array.from(atob(body), (char) => char.charCodeAt(0))], { type });
}
