// SPDX-License-Identifier: MIT
// The server's API: the access token lives in memory, the refresh token in a cookie that scripts cannot read.
let token = null;
let renewing = null;

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.error || `the server answered ${status}`);
    this.status = status;
    this.fields = body.errors || [];
  }
}

const session = { 'content-type': 'application/json', 'x-recordd-session': 'cookie' };

async function answer(response) {
  const json = (response.headers.get('content-type') || '').includes('json');
  const body = json ? await response.json() : await response.text();
  if (!response.ok) throw new Problem(response.status, json ? body : {});
  return { body, headers: response.headers, status: response.status };
}

// Many requests may find the token expired at once; one renewal serves them all.
export function renew() {
  renewing ??= fetch('/api/auth/refresh', { method: 'POST', headers: session, body: '{}' })
    .then(answer)
    .then(({ body }) => { token = body.token; return true; }, () => { token = null; return false; })
    .finally(() => { renewing = null; });
  return renewing;
}

export async function call(method, path, { json, body, headers = {}, signal } = {}) {
  const send = () => fetch(path, {
    method, signal,
    headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: json === undefined ? body : JSON.stringify(json),
  });
  let response = await send();
  if (response.status === 401 && await renew()) response = await send();
  return answer(response);
}

export async function signIn(path, fields) {
  const { body } = await answer(await fetch(path, { method: 'POST', headers: session, body: JSON.stringify(fields) }));
  token = body.token;
  return body;
}

export async function signOut() {
  try { await call('POST', '/api/auth/logout'); } finally { token = null; }
}
