// SPDX-License-Identifier: MIT
// The small reader: a frame of the video as brightness, read for EAN and UPC along its rows, then along its columns.
import BinaryBitmap from '@zxing/library/esm/core/BinaryBitmap';
import DecodeHintType from '@zxing/library/esm/core/DecodeHintType';
import RGBLuminanceSource from '@zxing/library/esm/core/RGBLuminanceSource';
import HybridBinarizer from '@zxing/library/esm/core/common/HybridBinarizer';
import MultiFormatUPCEANReader from '@zxing/library/esm/core/oned/MultiFormatUPCEANReader';
import { provesItself } from '../model/barcode';

export interface Frame {
  luminance: Uint8ClampedArray;
  width: number;
  height: number;
}

const WIDEST = 960;
const BAND = 8;
const hints = new Map<DecodeHintType, unknown>([[DecodeHintType.TRY_HARDER, true]]);

export function luminanceOf(rgba: Uint8ClampedArray, width: number, height: number): Frame {
  const luminance = new Uint8ClampedArray(width * height);
  for (let i = 0, at = 0; i < luminance.length; i++, at += 4)
    luminance[i] = ((rgba[at] ?? 0) * 77 + (rgba[at + 1] ?? 0) * 150 + (rgba[at + 2] ?? 0) * 29) >> 8;
  return { luminance, width, height };
}

/** Rows become columns: for a code that stands upright. */
export function turned({ luminance, width, height }: Frame): Frame {
  const turn = new Uint8ClampedArray(luminance.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) turn[x * height + y] = luminance[y * width + x] ?? 0;
  return { luminance: turn, width: height, height: width };
}

/** The mean of every few rows: bars stay, the noise of a dim shop goes. */
export function calmed({ luminance, width, height }: Frame): Frame {
  const rows = Math.max(1, Math.floor(height / BAND));
  const calm = new Uint8ClampedArray(width * rows);
  for (let row = 0; row < rows; row++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let y = row * BAND; y < (row + 1) * BAND; y++) sum += luminance[y * width + x] ?? 0;
      calm[row * width + x] = sum / BAND;
    }
  return { luminance: calm, width, height: rows };
}

export function readFrame(frame: Frame): string | null {
  return readRows(frame) ?? readRows(calmed(frame));
}

function readRows({ luminance, width, height }: Frame): string | null {
  try {
    const bitmap = new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(luminance, width, height)));
    const text = new MultiFormatUPCEANReader().decode(bitmap, hints).getText();
    return provesItself(text) ? text : null;
  } catch {
    // it throws when it finds none
    return null;
  }
}

const canvas = typeof document === 'undefined' ? null : document.createElement('canvas');

export function look(video: HTMLVideoElement): Promise<string | null> {
  const scale = Math.min(1, WIDEST / video.videoWidth);
  const context = canvas?.getContext('2d', { willReadFrequently: true });
  if (!canvas || !context || !video.videoWidth) return Promise.resolve(null);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const frame = luminanceOf(context.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height);
  return Promise.resolve(readFrame(frame) ?? readFrame(turned(frame)));
}
