// SPDX-License-Identifier: MIT
// A component whose code is fetched when it is first wanted.
import { type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { lookNow, onFairWeather } from '../api/weather';
import { OutOfReach, Waiting } from './page';

interface Module<P> { default: ComponentType<P> }

const reloadedAt = 'recordd.reloaded';

/** After a new version was installed the old file is gone: then the page is loaded anew, once. */
function reloadOnce(failure: unknown): void {
  if (sessionStorage.getItem(reloadedAt) === location.pathname) throw failure;
  sessionStorage.setItem(reloadedAt, location.pathname);
  location.reload();
}

/**
 * The module's default component. Once loaded it renders at once, so that going back shows the page as it was. While the
 * server cannot be reached it says so, and goes on by itself.
 */
export function lazily<P extends object>(load: () => Promise<Module<P>>): ComponentType<P> & { preload: () => void } {
  let loaded: ComponentType<P> | null = null;
  const fetchIt = () => load().then((module) => { loaded = module.default; sessionStorage.removeItem(reloadedAt); });

  function Lazy(props: P) {
    const [, ready] = useState(false);
    const [failure, setFailure] = useState<unknown>(null);
    const [waits, setWaits] = useState(false);
    useEffect(() => {
      let again = () => {};
      const failed = async (error: unknown) => {
        try {
          if (await lookNow()) return reloadOnce(error);
          setWaits(true);
          again = onFairWeather(() => location.reload()); // a browser may remember that the file could not be had
        } catch (broken) {
          setFailure(broken);
        }
      };
      // It may have arrived, for another place that wanted it, since this one was rendered without it.
      if (loaded) ready(true);
      else fetchIt().then(() => ready(true), failed);
      return () => again();
    }, []);
    if (failure) throw failure;
    const Found = loaded;
    return Found ? <Found {...props} /> : waits ? <OutOfReach /> : <Waiting />;
  }
  return Object.assign(Lazy, { preload: () => { if (!loaded) void fetchIt().catch(() => undefined); } });
}
