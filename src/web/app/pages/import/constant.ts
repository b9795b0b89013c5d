// SPDX-License-Identifier: MIT
// One more column for a CSV file, with the same value in each row: for what a table takes for granted ("all of these are LPs").

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/** Appends a cell to each row that passes, however the text is cut. Blank lines stay blank. */
export class ConstantColumn {
  #inQuotes = false;
  #rowIsBlank = true;
  #next: string;

  constructor(
    private readonly delimiter: string,
    name: string,
    private readonly value: string,
  ) {
    this.#next = this.#cell(name);
  }

  #cell(text: string): string {
    return this.delimiter + quoted(text);
  }

  #end(): string {
    if (this.#rowIsBlank) return '';
    const cell = this.#next;
    this.#next = this.#cell(this.value);
    this.#rowIsBlank = true;
    return cell;
  }

  push(text: string): string {
    let out = '';
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const char = text[at];
      if (char === '"') this.#inQuotes = !this.#inQuotes;
      if (!this.#inQuotes && (char === '\n' || char === '\r')) {
        out += text.slice(from, at) + this.#end();
        from = at;
      } else if (char !== '\ufeff') this.#rowIsBlank = false;
    }
    return out + text.slice(from);
  }

  /** What belongs behind the last row, if no line break ended it. */
  finish(): string {
    return this.#end();
  }
}

/** The same for a whole file, without holding it in memory as text. */
export async function withColumn(blob: Blob, delimiter: string, name: string, value: string): Promise<Blob> {
  const column = new ConstantColumn(delimiter, name, value);
  const added = new TransformStream<string, string>({
    transform: (chunk, controller) => controller.enqueue(column.push(chunk)),
    flush: (controller) => controller.enqueue(column.finish()),
  });
  const text = blob.stream().pipeThrough(new TextDecoderStream(await encodingOf(blob))).pipeThrough(added);
  return new Response(text.pipeThrough(new TextEncoderStream())).blob();
}

/** UTF-8 if the file is valid as such; else what Western spreadsheets write. */
async function encodingOf(blob: Blob): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = blob.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      decoder.decode(value, { stream: !done });
      if (done) return 'utf-8';
    }
  } catch {
    await reader.cancel();
    return 'windows-1252';
  }
}
