// SPDX-License-Identifier: MIT
// The service worker: registered when the page has had its turn, and a new version offered, never forced.
import { text } from '../i18n';
import { toast } from '../ui/toast';

const LOOK_MS = 60 * 60_000;
let accepted = false;

function offer(waiting: ServiceWorker): void {
  const { weather } = text().account;
  toast(weather.newVersion, {
    action: { label: weather.reload, run: () => { accepted = true; waiting.postMessage('takeOver'); } },
    lasting: true,
  });
}

/** A worker that is installed while another is at work waits until it is asked to take over. */
function follow(registration: ServiceWorkerRegistration): void {
  const watched = (worker: ServiceWorker | null) => {
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker);
    });
  };
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  watched(registration.installing);
  registration.addEventListener('updatefound', () => watched(registration.installing));
  setInterval(() => void registration.update().catch(() => undefined), LOOK_MS);
}

/** Once, at the start. Where the certificate is not trusted, browsers refuse; everything else works without. */
export function keepWorker(): void {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => { if (accepted) location.reload(); });
  const register = () => void navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).then(follow).catch(() => undefined);
  if (document.readyState === 'complete') setTimeout(register, 1500);
  else addEventListener('load', () => setTimeout(register, 1500), { once: true });
}
