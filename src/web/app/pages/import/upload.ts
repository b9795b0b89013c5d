// SPDX-License-Identifier: MIT
// Sends a file and tells how much of it has gone: the one thing that fetch cannot do everywhere yet.
import { accessToken, renewSession } from '../../api/session';
import { problemOf, Unreachable } from '../../api/problem';

export interface Upload {
  readonly path: string;
  readonly blob: Blob;
  readonly sent?: (bytes: number, of: number) => void;
  readonly signal?: AbortSignal;
}

function sendOnce({ path, blob, sent, signal }: Upload): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = (): void => request.abort();
    request.open('POST', path);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', 'text/csv');
    const token = accessToken();
    if (token) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.upload.onprogress = (event) => sent?.(event.loaded, event.lengthComputable ? event.total : blob.size);
    request.onload = () => resolve(new Response(request.responseText, { status: request.status, headers: headersOf(request) }));
    request.onerror = () => reject(new Unreachable(request.statusText));
    request.onabort = () => reject(signal?.reason ?? new DOMException('aborted', 'AbortError'));
    request.onloadend = () => signal?.removeEventListener('abort', stop);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) return reject(signal.reason);
    request.send(blob);
  });
}

function headersOf(request: XMLHttpRequest): Headers {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}

/** Throws a Problem or Unreachable as `request` does. The answer's JSON otherwise. */
export async function upload<T>(given: Upload): Promise<T> {
  let response = await sendOnce(given);
  if (response.status === 401 && (await renewSession())) response = await sendOnce(given);
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}
