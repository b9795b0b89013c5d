// SPDX-License-Identifier: MIT
// What can be taken back, the latest first.

export interface Undoable {
  readonly id: number;
  /** What was done, as the person reads it. */
  readonly message: string;
  readonly undo: () => Promise<void>;
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

  push(message: string, undo: () => Promise<void>): Undoable {
    const entry = { id: this.next, message, undo };
    this.next += 1;
    this.entries = [...this.entries, entry].slice(-MOST);
    this.tell();
    return entry;
  }

  /** Takes an entry back, the last one unless named; false when there is none. Of what fails, the error is thrown, and it can be tried again. */
  async undo(id?: number): Promise<boolean> {
    const entry = id === undefined ? this.last : this.entries.find((each) => each.id === id);
    if (entry === undefined) return false;
    this.entries = this.entries.filter((each) => each !== entry);
    this.tell();
    try {
      await entry.undo();
    } catch (error) {
      this.entries = [...this.entries, entry].slice(-MOST);
      this.tell();
      throw error;
    }
    return true;
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
