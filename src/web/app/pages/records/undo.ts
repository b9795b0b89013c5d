// SPDX-License-Identifier: MIT
// What can be taken back, the latest first.

export interface Undoable {
  readonly id: number;
  /** What was done, as the person reads it. */
  readonly message: string;
  /** Gives how many could not be taken back, as they have changed since; throws when it can be tried again. */
  readonly undo: () => Promise<number>;
}

const MOST = 20;

/** A bounded stack. An entry is taken once, by the toast or by the keyboard. */
export class UndoStack {
  private entries: Undoable[] = [];
  private listeners = new Set<() => void>();
  private next = 1;

  get last(): Undoable | undefined {
    return this.entries.at(-1);
  }

  has(id: number): boolean {
    return this.entries.some((entry) => entry.id === id);
  }

  push(message: string, undo: () => Promise<number>): Undoable {
    const entry = { id: this.next, message, undo };
    this.next += 1;
    this.entries = [...this.entries, entry].slice(-MOST);
    this.tell();
    return entry;
  }

  /**
   * Takes an entry back, the last one unless named; null when there is none. An error is passed on, and the entry stays
   * so that it can be tried again.
   */
  async undo(id?: number): Promise<number | null> {
    const entry = id === undefined ? this.last : this.entries.find((each) => each.id === id);
    if (entry === undefined) return null;
    this.entries = this.entries.filter((each) => each !== entry);
    this.tell();
    try {
      return await entry.undo();
    } catch (error) {
      this.entries = [...this.entries, entry].slice(-MOST);
      this.tell();
      throw error;
    }
  }

  clear(): void {
    this.entries = [];
    this.tell();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
