// SPDX-License-Identifier: MIT
// A real recordd on its own PostgreSQL, run by serve.py, and its API for making what a test needs.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

interface Facts { port: number; key: string; setup: string | null; data: string }
interface Answer { status: number; headers: Record<string, string | string[] | undefined>; body: any; text: string }
export interface Account { email: string; password: string; token: string; id: string }

const script = fileURLToPath(new URL('../serve.py', import.meta.url));

export class RealServer {
  private constructor(private readonly child: ChildProcessWithoutNullStreams, private readonly lines: AsyncIterator<string>, private facts: Facts) {}

  static async start(settings: Record<string, string> = {}): Promise<RealServer> {
    const child = spawn('/usr/bin/python3', ['-B', script, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)]);
    let complaint = '';
    child.stderr.on('data', (bytes: Buffer) => { complaint += bytes.toString(); });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error(`recordd did not start: ${complaint}`);
    return new RealServer(child, lines, JSON.parse(first.value) as Facts);
  }

  get url(): string { return `https://localhost:${this.facts.port}`; }
  get port(): number { return this.facts.port; }
  get key(): string { return this.facts.key; }
  get setup(): string | null { return this.facts.setup; }
  get data(): string { return this.facts.data; }

  private async tell(command: string): Promise<any> {
    this.child.stdin.write(`${command}\n`);
    const next = await this.lines.next();
    if (next.done) throw new Error(`serve.py ended at: ${command}`);
    const said = JSON.parse(next.value) as { done?: unknown; fault?: string };
    if (said.fault) throw new Error(said.fault);
    return said.done;
  }

  async restart(): Promise<void> { this.facts = await this.tell('restart'); }
  async begin(): Promise<void> { this.facts = await this.tell('start'); }
  halt = (): Promise<void> => this.tell('stop');
  kill = (): Promise<void> => this.tell('kill');
  pauseDatabase = (): Promise<void> => this.tell('pause-database');
  resumeDatabase = (): Promise<void> => this.tell('resume-database');
  sql = (statement: string): Promise<(string | null)[][]> => this.tell(`sql ${statement.replaceAll('\n', ' ')}`);
  log = (): Promise<string> => this.tell('log');

  async end(): Promise<void> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    const code = await ended;
    if (code !== 0) throw new Error(`serve.py ended with ${code}`);
  }

  /** One request of the API, outside of any browser. */
  ask(method: string, path: string, { token, json, body, headers = {} }: { token?: string; json?: unknown; body?: string | Buffer; headers?: Record<string, string> } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = httpsRequest({
        host: '127.0.0.1', port: this.facts.port, servername: 'localhost', path, method, rejectUnauthorized: false,
        headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          const isJson = String(response.headers['content-type']).includes('json');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: isJson && text ? JSON.parse(text) : text });
        });
      });
      sent.on('error', reject);
      sent.end(json === undefined ? body : JSON.stringify(json));
    });
  }

  async account(): Promise<Account> {
    const email = `${randomUUID().slice(0, 12)}@example.org`, password = 'a good long password';
    const { status, body, text } = await this.ask('POST', '/api/auth/register', { json: { email, password } });
    if (status !== 201) throw new Error(text);
    return { email, password, token: body.token, id: body.user.id };
  }

  async addRecord(token: string, fields: Record<string, unknown>): Promise<any> {
    const { status, body, text } = await this.ask('POST', '/api/records', { token, json: { artist: 'Nina Simone', name: 'Pastel Blues', format: 'LP', ...fields } });
    if (status !== 201) throw new Error(text);
    return body;
  }
}
