// SPDX-License-Identifier: MIT
// A file may be let go anywhere on the page, at any step; without this the browser would show it instead.
import { useEffect, useRef, useState } from 'preact/hooks';

const holdsFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Whether a file is over the page now. */
export function useDrop(take: (file: File) => void): boolean {
  const [over, setOver] = useState(false);
  const taker = useRef(take);
  taker.current = take;
  useEffect(() => {
    let depth = 0;
    const become = (next: number) => { depth = Math.max(0, next); setOver(depth > 0); };
    const listeners: Record<string, (event: DragEvent) => void> = {
      dragenter: (event) => { if (holdsFile(event)) become(depth + 1); },
      dragleave: (event) => { if (holdsFile(event)) become(depth - 1); },
      dragover: (event) => { if (holdsFile(event)) event.preventDefault(); },
      drop: (event) => {
        become(0);
        if (!holdsFile(event)) return;
        event.preventDefault();
        const file = event.dataTransfer?.files[0];
        if (file) taker.current(file);
      },
    };
    const each = Object.entries(listeners) as ['drop', (event: DragEvent) => void][];
    for (const [name, listener] of each) addEventListener(name, listener);
    return () => { for (const [name, listener] of each) removeEventListener(name, listener); };
  }, []);
  return over;
}
