// SPDX-License-Identifier: MIT
// The theme in force, for what is painted and not styled.
import { currentLook, watchLook } from '../../base/look';
import { useWatched } from '../../base/watch';

const dark = matchMedia('(prefers-color-scheme: dark)');

function watch(changed: () => void): () => void {
  const ends = watchLook(changed);
  dark.addEventListener('change', changed);
  return () => { ends(); dark.removeEventListener('change', changed); };
}

const read = (): 'light' | 'dark' => currentLook().theme ?? (dark.matches ? 'dark' : 'light');

export const useTheme = (): 'light' | 'dark' => useWatched(watch, read);
