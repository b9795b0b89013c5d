// SPDX-License-Identifier: MIT
// Asking the server: one function for all requests, with the session's token, renewed once when it has run out.
import { report } from './weather';
import { accessToken, readyToAsk, renewSession } from './session';
import { Problem, Unreachable, problemOf } from './problem';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Ask {
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  body: T;
  status: number;
  headers: Headers;
}

async function send(method: Method, path: string, ask: Ask): Promise<Response> {
  await readyToAsk();
  const token = accessToken();
  try {
    const response = await fetch(path, {
      method,
      signal: ask.signal ?? null,
      body: ask.json === undefined ? ask.body ?? null : JSON.stringify(ask.json),
      headers: {
        accept: 'application/json',
        ...(ask.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...ask.headers,
      },
    });
    report(response.status);
    return response;
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    report(undefined);
    throw new Unreachable(error);
  }
}

/** The raw answer, for streams and downloads. Throws a Problem for an error, Unreachable when there was no answer. */
export async function request(method: Method, path: string, ask: Ask = {}): Promise<Response> {
  let response = await send(method, path, ask);
  if (response.status === 401 && (await renewSession())) response = await send(method, path, ask);
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The answer with its JSON read; an empty one is `undefined`. */
export async function call<T>(method: Method, path: string, ask: Ask = {}): Promise<Answer<T>> {
  const response = await request(method, path, ask);
  const text = await response.text().catch((error: unknown) => {
    if (ask.signal?.aborted) throw error;
    throw new Unreachable(error);
  });
  return { body: (text ? JSON.parse(text) : undefined) as T, status: response.status, headers: response.headers };
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>('GET', path, { signal }).then((answer) => answer.body);

export { Problem, Unreachable };
