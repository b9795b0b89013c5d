// SPDX-License-Identifier: MIT
// A component that follows something outside the tree of components.
import { useEffect, useState } from 'preact/hooks';

/** `watch` calls back at each change and answers with what ends it; `read` must give the same object while nothing changed. */
export function useWatched<T>(watch: (changed: () => void) => () => void, read: () => T): T {
  const [value, setValue] = useState(read);
  useEffect(() => {
    const changed = () => setValue(read);
    changed(); // it may have changed between the first rendering and now
    return watch(changed);
  }, [watch, read]);
  return value;
}
