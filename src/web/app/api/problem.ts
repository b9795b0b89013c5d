// SPDX-License-Identifier: MIT
// What goes wrong when the server is asked: its own problem (RFC 9457), or that there is none to be reached.

export interface FieldFault { field: string; message: string }

/** The server's answer was an error. `message` is a sentence for people, in the server's words. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: FieldFault[] = [],
    readonly retryAfter: number | null = null, // seconds
    readonly requestId: string | null = null,
  ) {
    super(message);
    this.name = 'Problem';
  }
}

/** Nothing answered: no network, the server restarting, or the connection was cut. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the server cannot be reached', { cause });
    this.name = 'Unreachable';
  }
}

interface ProblemBody { detail?: string; error?: string; title?: string; errors?: FieldFault[]; requestId?: string }

function bodyOf(text: string): ProblemBody {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === 'object' ? value : {};
  } catch {
    return {}; // a proxy's page, or half an answer
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const body = bodyOf(await response.text().catch(() => ''));
  const after = Number(response.headers.get('retry-after'));
  return new Problem(
    response.status,
    body.detail ?? body.error ?? body.title ?? `the server answered ${response.status}`,
    body.errors ?? [],
    after > 0 ? after : null,
    body.requestId ?? response.headers.get('x-request-id'),
  );
}

/** Asking again later may help: what failed was the way, or the server is away for a while. */
export function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && [429, 502, 503, 504].includes(error.status));
}
