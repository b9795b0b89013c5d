// SPDX-License-Identifier: MIT
// A component whose code is fetched when it is first wanted.
import { type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Waiting } from './page';

interface Module<P> { default: ComponentType<P> }

/**
 * The module's default component. Once loaded it renders at once, so that going back shows the page as it was. After a
 * new version was installed the old file is gone: then the page is loaded anew, once.
 */
export function lazily<P extends object>(load: () => Promise<Module<P>>): ComponentType<P> & { preload: () => void } {
  let loaded: ComponentType<P> | null = null;
  const fetchIt = () => load().then((module) => { loaded = module.default; });

  function Lazy(props: P) {
    const [, ready] = useState(false);
    const [failure, setFailure] = useState<unknown>(null);
    useEffect(() => {
      // It may have arrived, for another place that wanted it, since this one was rendered without it.
      if (loaded) ready(true);
      else fetchIt().then(() => ready(true), setFailure);
    }, []);
    if (failure) throw failure;
    const Found = loaded;
    return Found ? <Found {...props} /> : <Waiting />;
  }
  return Object.assign(Lazy, { preload: () => { if (!loaded) void fetchIt().catch(() => undefined); } });
}
