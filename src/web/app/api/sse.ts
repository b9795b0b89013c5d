// SPDX-License-Identifier: MIT
// A parser of Server-Sent Events: text in, however it is cut, events out.

export interface ServerEvent {
  /** The event's name; "message" where the server gave none. */
  readonly name: string;
  readonly data: string;
  /** The last id that was given, by this event or an earlier one. */
  readonly id: string;
}

export interface SseHandlers {
  readonly event: (event: ServerEvent) => void;
  /** The server asks for this pause, in milliseconds, before a reconnection. */
  readonly retry?: (milliseconds: number) => void;
}

/** An event may be this long; one that is longer is a fault of the stream. */
export const MAX_EVENT = 1 << 20;

export class SseOverflow extends Error {
  constructor() {
    super('an event is too long');
  }
}

export class SseParser {
  #rest = '';
  #atStart = true;
  #skipLineFeed = false;
  #name = '';
  #data: string[] = [];
  #length = 0;
  #id: string;

  constructor(private readonly handlers: SseHandlers, lastId = '') {
    this.#id = lastId;
  }

  /** The id to resume from. */
  get lastId(): string {
    return this.#id;
  }

  push(chunk: string): void {
    let text = chunk;
    if (this.#atStart && text !== '') {
      this.#atStart = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char !== 10 && char !== 13) {
        this.#skipLineFeed = false;
        continue;
      }
      if (char === 10 && this.#skipLineFeed) {
        this.#skipLineFeed = false;
        from = at + 1;
        continue;
      }
      this.#skipLineFeed = char === 13;
      this.#line(this.#rest + text.slice(from, at));
      this.#rest = '';
      from = at + 1;
    }
    this.#rest += text.slice(from);
    if (this.#rest.length + this.#length > MAX_EVENT) throw new SseOverflow();
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const after = colon < 0 ? '' : line.slice(colon + 1);
    this.#field(field, after.startsWith(' ') ? after.slice(1) : after);
  }

  #field(field: string, value: string): void {
    if (field === 'event') this.#name = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.handlers.retry?.(Number(value));
    else if (field === 'data') {
      this.#length += value.length + 1;
      if (this.#length > MAX_EVENT) throw new SseOverflow();
      this.#data.push(value);
    }
  }

  #dispatch(): void {
    const data = this.#data;
    const name = this.#name;
    this.#data = [];
    this.#name = '';
    this.#length = 0;
    if (data.length > 0) this.handlers.event({ name: name || 'message', data: data.join('\n'), id: this.#id });
  }
}
