// SPDX-License-Identifier: MIT
// How long to wait before the next try: longer each time, and never in step with everybody else.

export interface BackoffSettings {
  readonly first: number;
  readonly most: number;
}

export class Backoff {
  #tries = 0;
  #least = 0;

  constructor(
    private readonly settings: BackoffSettings = { first: 1000, most: 60_000 },
    private readonly random: () => number = Math.random,
  ) {}

  /** What the server asked for: no pause is shorter from now on. */
  atLeast(milliseconds: number): void {
    this.#least = Math.min(Math.max(0, milliseconds), this.settings.most);
  }

  /** The next pause in milliseconds. */
  next(): number {
    const ceiling = Math.min(this.settings.most, this.settings.first * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 30);
    return Math.max(this.#least, Math.round(ceiling * (0.5 + this.random() / 2)));
  }

  /** It worked: begin anew. */
  reset(): void {
    this.#tries = 0;
    this.#least = 0;
  }
}
