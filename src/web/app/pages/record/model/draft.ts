// SPDX-License-Identifier: MIT
// Drafts: what was typed and not saved yet, kept in the browser for its user until it is saved or thrown away.
import { DRAFT_PREFIX as PREFIX } from './forget-drafts';

export interface Draft<Form> {
  /** What was typed. */
  form: Form;
  /** What it was typed over: null for a new record. */
  base: Form | null;
  etag: string | null;
  at: number;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const KEPT_FOR = 30 * 86_400_000;
const MOST = 20;

interface Kept {
  key: string;
  at: number;
}

/** A user's drafts, by record id; a new record's is 'new'. A store that is full or forbidden only makes drafts forgetful. */
export class Drafts<Form> {
  constructor(
    private readonly user: string,
    private readonly shape: number,
    private readonly store: Store = localStorage,
  ) {}

  read(id: string, now: number = Date.now()): Draft<Form> | null {
    const draft = this.parse(this.key(id));
    return draft && draft.at > now - KEPT_FOR ? draft : null;
  }

  /** False when it could not be kept. */
  write(id: string, draft: Draft<Form>): boolean {
    const text = JSON.stringify({ shape: this.shape, ...draft });
    for (let tries = 0; tries <= MOST; tries++) {
      try {
        this.store.setItem(this.key(id), text);
        this.prune(MOST);
        return true;
      } catch {
        const oldest = this.kept().find(({ key }) => key !== this.key(id));
        if (!oldest) return false;
        this.store.removeItem(oldest.key);
      }
    }
    return false;
  }

  drop(id: string): void {
    try {
      this.store.removeItem(this.key(id));
    } catch {
      // a forbidden store has nothing to drop
    }
  }

  private key(id: string): string {
    return `${PREFIX}${this.user}.${id}`;
  }

  private parse(key: string): Draft<Form> | null {
    try {
      const found = JSON.parse(this.store.getItem(key) ?? 'null') as (Draft<Form> & { shape: number }) | null;
      if (!found || found.shape !== this.shape || typeof found.at !== 'number') return null;
      return { form: found.form, base: found.base, etag: found.etag, at: found.at };
    } catch {
      return null;
    }
  }

  /** All of this user, oldest first; what cannot be read counts as oldest. */
  private kept(): Kept[] {
    const keys = Array.from({ length: this.store.length }, (_, i) => this.store.key(i) ?? '');
    const own = keys.filter((key) => key.startsWith(this.key('')));
    return own.map((key) => ({ key, at: this.parse(key)?.at ?? 0 })).sort((a, b) => a.at - b.at);
  }

  private prune(most: number): void {
    const kept = this.kept();
    for (const { key } of kept.slice(0, Math.max(0, kept.length - most))) this.store.removeItem(key);
  }
}
