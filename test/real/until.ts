import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import type { Leashed } from './leash.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** GETs of one server. A server that is not there is status 0. */
export function asks(
  url: string,
  { ca, token }: { readonly ca?: string; readonly token?: string } = {},
): (path: string) => Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = url.startsWith('https:') ? secure : plain;
  return (path) =>
    new Promise((resolve) => {
      const asked = request(`${url}${path}`, { ca, headers, agent: false, timeout: 5_000 }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
      });
      asked.on('timeout', () => asked.destroy());
      asked.on('error', (error) => {
        resolve({ status: 0, body: error.message });
      });
      asked.end();
    });
}

/** How long a server may take to come up: far more than it does on a slow machine. */
const patience = 120_000;

/** Settles when `ready` says so. @throws {Error} with what the server logged, when it has ended or does not come up. */
export async function until(ready: () => Promise<boolean>, server: Leashed): Promise<void> {
  const state = { ended: false };
  void server.ended.then(() => {
    state.ended = true;
  });
  const began = performance.now();
  while (performance.now() - began < patience) {
    if (await ready()) return;
    if (state.ended) throw new Error(`a server ended before it was ready; ${await server.lastWords()}`);
    await setTimeout(50);
  }
  throw new Error(`a server did not become ready; ${await server.lastWords()}`);
}

/** Settles when `holds` says so. @throws {Error} with `otherwise`, when it does not come about. */
export async function eventually(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < patience) {
    if (await holds()) return;
    await setTimeout(200);
  }
  throw new Error(otherwise);
}
