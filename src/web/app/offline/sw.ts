// SPDX-License-Identifier: MIT
// The service worker: the application's own files, all of one version, so that it starts without a network.
// It never keeps anything of /api: the collection's copy is the business of worker.ts.
export {};
declare const __FILES__: string[]; // filled in by the build (build/worker.ts)
declare const __VERSION__: string;

// What a service worker has beside a page; the compiler knows pages only.
interface Lasting extends Event { waitUntil(end: Promise<unknown>): void }
interface Asked extends Lasting { request: Request; respondWith(answer: Promise<Response>): void }
interface ServiceWorkerSelf {
  location: Location;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: Asked) => void): void;
}

const worker = self as unknown as ServiceWorkerSelf;
const files = __FILES__;
const cacheName = `recordd-${__VERSION__}`;
const page = '/index.html';
const servers = /^\/(api|covers|\.well-known)\/|^\/(api|healthz|readyz|metrics|whoami|ca\.crt|ca\.pem)$/;
const named = new Set(files);

/** Files whose names change with their content are taken over from the version before. */
async function fetchOrTakeOver(cache: Cache, file: string): Promise<void> {
  const kept = file.startsWith('/assets/') ? await caches.match(file) : undefined;
  const response = kept ?? (await fetch(file === page ? '/' : file, { cache: 'no-cache', credentials: 'omit' }));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  await cache.put(file, response);
}

async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  await Promise.all(files.map((file) => fetchOrTakeOver(cache, file)));
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith('recordd-') && name !== cacheName) await caches.delete(name);
  await worker.clients.claim();
}

async function answer(request: Request, file: string): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(file)) ?? fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('message', (event) => { if (event.data === 'takeOver') void worker.skipWaiting(); });

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || servers.test(url.pathname)) return;
  if (named.has(url.pathname)) event.respondWith(answer(request, url.pathname));
  else if (request.mode === 'navigate' && !/\.[^/]*$/.test(url.pathname)) event.respondWith(answer(request, page));
});
