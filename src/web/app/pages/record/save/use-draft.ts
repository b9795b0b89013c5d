// SPDX-License-Identifier: MIT
// Keeping what is typed, a moment after it was typed and in any case before the page goes.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatLocale } from '../../../i18n/format';
import type { Form } from '../model/form';
import { same } from '../model/merge';
import { drafts } from './start';

const WAIT = 400; // milliseconds

interface Draftable {
  name: string;
  base: Form;
  form: Form;
  etag: string | null;
  cover: string | null;
}

export type Keeping = 'nothing' | 'kept' | 'impossible';

const isWorthKeeping = ({ base, form, cover }: Draftable): boolean => cover !== null || !same(base, form);

function keep(state: Draftable): Keeping {
  const { name, base, form, etag, cover } = state;
  if (!isWorthKeeping(state)) {
    drafts().drop(name);
    return 'nothing';
  }
  const locale = formatLocale();
  const kept = drafts().write(name, { form: { form, cover, locale }, base: { form: base, cover: null, locale }, etag, at: Date.now() });
  return kept ? 'kept' : 'impossible';
}

/** `stop` is for when the draft has served: nothing is written any more. */
export function useDraft(state: Draftable): { keeping: Keeping; stop: () => void; flush: () => void } {
  const [keeping, setKeeping] = useState<Keeping>('nothing');
  const latest = useRef(state);
  const written = useRef(state);
  const stopped = useRef(false);
  latest.current = state;
  const flush = useRef(() => {
    if (stopped.current || written.current === latest.current) return;
    written.current = latest.current;
    setKeeping(keep(latest.current));
  }).current;
  useEffect(() => {
    if (same(written.current, state)) return undefined;
    const timer = setTimeout(flush, WAIT);
    return () => clearTimeout(timer);
  }, [state.form, state.cover, state.base, state.etag]);
  useLayoutEffect(() => {
    addEventListener('pagehide', flush);
    return () => { removeEventListener('pagehide', flush); flush(); };
  }, []);
  return { keeping, flush, stop: () => { stopped.current = true; } };
}
