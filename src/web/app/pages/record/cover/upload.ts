// SPDX-License-Identifier: MIT
// Sending a cover, with progress, which only the older of the browser's two ways can tell.
import { Unreachable, problemOf } from '../../../api/problem';
import { accessToken, renewSession } from '../../../api/session';
import type { VinylRecord } from '../../../api/types';
import { patchRecord, remember, type Loaded } from '../data';
import { call } from '../../../api/client';

/** From 0 to 1. */
export type Progress = (part: number) => void;

function send(path: string, picture: Blob, progress: Progress): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', picture.type);
    const token = accessToken();
    if (token) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onerror = () => reject(new Unreachable(new Error('the cover was not sent')));
    request.onload = () => {
      const headers = new Headers();
      for (const name of ['etag', 'content-type', 'retry-after', 'x-request-id']) {
        const value = request.getResponseHeader(name);
        if (value !== null) headers.set(name, value);
      }
      resolve(new Response(request.responseText, { status: request.status, headers }));
    };
    request.send(picture);
  });
}

export async function putCover(id: string, picture: Blob, progress: Progress): Promise<Loaded> {
  const path = `/api/records/${id}/cover`;
  let response = await send(path, picture, progress);
  if (response.status === 401 && (await renewSession())) response = await send(path, picture, progress);
  if (!response.ok) throw await problemOf(response);
  return remember({ record: (await response.json()) as VinylRecord, etag: response.headers.get('etag') });
}

export async function dropCover(id: string): Promise<Loaded> {
  const { body, headers } = await call<VinylRecord>('DELETE', `/api/records/${id}/cover`);
  return remember({ record: body, etag: headers.get('etag') });
}

/** Takes back a cover that was removed or replaced; the server still has it for a while. */
export const takeCoverBack = (id: string, cover: string): Promise<Loaded> => patchRecord(id, null, { cover });
