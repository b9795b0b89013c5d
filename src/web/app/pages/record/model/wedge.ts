// SPDX-License-Identifier: MIT
// Telling a USB barcode scanner from fingers: it types a whole code within moments and ends with Enter.
const FASTEST_FINGERS_MS = 50;
const SHORTEST_CODE = 6;

/** Keeps the keystrokes of one field; tells, at an Enter, whether a scanner typed what came before it. */
export class Wedge {
  private typed = '';
  private last = -Infinity;
  /** Until when an Enter belongs to the code that was just read: some scanners send two, or Enter and Tab. */
  private quietUntil = -Infinity;

  /** The code that a scanner typed, when this key is its end; 'tail' for the second key of its end; else null. */
  press(key: string, at: number): { code: string } | 'tail' | null {
    const fast = at - this.last <= FASTEST_FINGERS_MS;
    this.last = at;
    if (key === 'Enter' || key === 'Tab') {
      const code = fast ? this.typed : '';
      this.typed = '';
      if (code.length >= SHORTEST_CODE) {
        this.quietUntil = at + FASTEST_FINGERS_MS * 2;
        return { code };
      }
      return at <= this.quietUntil ? 'tail' : null;
    }
    if (key.length !== 1) return null;
    this.typed = fast ? this.typed + key : key;
    return null;
  }
}
