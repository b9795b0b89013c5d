// SPDX-License-Identifier: MIT
// From an answer of the server to a file of the person's: straight to the disk where the browser can, else by a Blob.
import { request } from '../../api/client';

interface Picker {
  showSaveFilePicker?: (options: {
    suggestedName: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }) => Promise<{ createWritable(): Promise<WritableStream<Uint8Array> & { abort(reason?: unknown): Promise<void> }> }>;
}

export interface Download {
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly received?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

export type Saved = 'saved' | 'cancelled';

/** Hands a finished file over, as a click on a link would. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a');
  const url = URL.createObjectURL(blob);
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function counting(received: Download['received']): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      received?.(bytes);
      controller.enqueue(chunk);
    },
  });
}

/** Where to, asked before anything is loaded, because a browser allows it only right after a click. */
async function pickFile({ name, type }: Download) {
  const picker = window as Picker;
  if (!picker.showSaveFilePicker) return null;
  const ending = name.slice(name.lastIndexOf('.'));
  return picker.showSaveFilePicker({ suggestedName: name, types: [{ description: ending.slice(1).toUpperCase(), accept: { [type]: [ending] } }] });
}

/** Throws what `request` throws, and when the network breaks; then no half file is left. */
export async function download(given: Download): Promise<Saved> {
  let file: Awaited<ReturnType<typeof pickFile>>;
  try {
    file = await pickFile(given);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled';
    file = null; // not allowed here, as in a frame: the other way it is
  }
  const response = await request('GET', given.path, { headers: { accept: '*/*' }, signal: given.signal });
  const body = response.body?.pipeThrough(counting(given.received));
  if (!body) throw new Error('the answer has no body');
  if (file) await body.pipeTo(await file.createWritable(), given.signal ? { signal: given.signal } : {});
  else saveBlob(new Blob([await new Response(body).blob()], { type: given.type }), given.name);
  return 'saved';
}
