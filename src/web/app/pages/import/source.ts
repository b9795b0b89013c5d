// SPDX-License-Identifier: MIT
// What is to be imported: a file or pasted rows, in an encoding that the server reads.
import { csvRows } from './report';

export interface Source {
  readonly name: string;
  readonly blob: Blob;
  /** What it was converted from, where it had to be. */
  readonly converted: string | null;
}

/** As much of a file's beginning as the server looks at to recognise it. */
export const PREVIEW_BYTES = 128 * 1024;

/** UTF-16, as some spreadsheets write "Unicode text", by its byte order mark. The server tells the others apart itself. */
async function utf16Of(blob: Blob): Promise<'utf-16le' | 'utf-16be' | null> {
  const [first = 0, second = 0] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}

export async function sourceOfFile(file: File): Promise<Source> {
  const encoding = await utf16Of(file);
  if (!encoding) return { name: file.name, blob: file, converted: null };
  const text = file.stream().pipeThrough(new TextDecoderStream(encoding)).pipeThrough(new TextEncoderStream());
  return { name: file.name, blob: await new Response(text).blob(), converted: encoding.toUpperCase() };
}

export function sourceOfText(text: string, name: string): Source {
  return { name, blob: new Blob([text], { type: 'text/csv' }), converted: null };
}

/** The beginning of the file that the server is shown. */
export const beginningOf = (source: Source): Blob => source.blob.slice(0, PREVIEW_BYTES);

/** The first rows behind the names of the columns. A byte that is not UTF-8 shows as a question mark; the server reads it. */
export async function firstRows(source: Source, delimiter: string, most: number): Promise<string[][]> {
  const rows = [...csvRows(await beginningOf(source).text(), most + 2, delimiter)];
  const whole = rows.length < most + 2 && source.blob.size > PREVIEW_BYTES ? rows.slice(0, -1) : rows;
  return whole.slice(1, most + 1);
}
