// SPDX-License-Identifier: MIT
// The list, for components: each is drawn anew only when what it reads has changed.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useSession } from '../../api/session-hook';
import type { VinylRecord } from '../../api/types';
import { type Collection, currentCollection } from './collection';
import type { Work } from './actions';
import type { RecordList } from './list';

export function useCollection(): Collection {
  const { user } = useSession();
  return useMemo(currentCollection, [user?.id]);
}

/** `read` gives the same as before while nothing of it has changed. */
function useRead<V>(subscribe: (listener: () => void) => () => void, read: () => V): V {
  const [, draw] = useState(0);
  const latest = useRef({ value: read(), read });
  latest.current = { value: read(), read };
  useEffect(() => {
    const look = () => { if (!Object.is(latest.current.read(), latest.current.value)) draw((n) => n + 1); };
    look();
    return subscribe(look);
  }, [subscribe]);
  return latest.current.value;
}

export function useList<V>(read: (list: RecordList<VinylRecord>) => V): V {
  const { list } = useCollection();
  const subscribe = useMemo(() => (listener: () => void) => list.subscribe(listener), [list]);
  return useRead(subscribe, () => read(list));
}

export function useWork(): Work | null {
  const { actions } = useCollection();
  const subscribe = useMemo(() => (listener: () => void) => actions.subscribe(listener), [actions]);
  return useRead(subscribe, () => actions.work);
}

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  const media = useMemo(() => matchMedia(query), [query]);
  const subscribe = useMemo(() => (listener: () => void) => {
    media.addEventListener('change', listener);
    return () => { media.removeEventListener('change', listener); };
  }, [media]);
  return useRead(subscribe, () => media.matches);
}
