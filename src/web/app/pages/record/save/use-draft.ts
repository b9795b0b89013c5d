// SPDX-License-Identifier: MIT
// Keeping what is typed, a moment after it was typed and in any case before the page goes.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { currentSession } from '../../../api/session';
import { formatLocale } from '../../../i18n/format';
import type { Drafts } from '../model/draft';
import type { Form } from '../model/form';
import { same } from '../model/merge';
import { type Kept, drafts } from './start';

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

function keep(own: Drafts<Kept>, state: Draftable): Keeping {
  const { name, base, form, etag, cover } = state;
  if (!isWorthKeeping(state)) {
    own.drop(name);
    return 'nothing';
  }
  const locale = formatLocale();
  const kept = own.write(name, { form: { form, cover, locale }, base: { form: base, cover: null, locale }, etag, at: Date.now() });
  return kept ? 'kept' : 'impossible';
}

/** `stop` is for when the draft has served: nothing is written any more. */
export function useDraft(state: Draftable): { keeping: Keeping; stop: () => void; flush: () => void } {
  const [keeping, setKeeping] = useState<Keeping>('nothing');
  // Whose page this is stays so, whoever signs in next.
  const [own] = useState(drafts);
  const latest = useRef(state);
  const written = useRef(state);
  const stopped = useRef(false);
  latest.current = state;
  const flush = useRef(() => {
    // Who signed out wants nothing kept.
    if (stopped.current || written.current === latest.current || !currentSession().user) return;
    written.current = latest.current;
    setKeeping(keep(own, latest.current));
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
