import { createServer } from 'node:http';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { authority, listen, type Address } from './listen.ts';

export interface TextAnswer {
  readonly status: number;
  readonly text: string;
  /** Default: `text/plain; charset=utf-8`. */
  readonly contentType?: string;
}

export type TextPages = Readonly<Record<string, () => TextAnswer | Promise<TextAnswer>>>;

export interface TextServing {
  readonly address: Address;
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Plain HTTP for a few pages by path, such as `/healthz`, `/readyz` and `/metrics`. GET and HEAD only.
 * @throws {UserError} when the address cannot be had.
 */
export async function serveText(pages: TextPages, options: Address & { readonly log: Log }): Promise<TextServing> {
  const byPath = new Map(Object.entries(pages));
  const server = createServer((incoming, outgoing) => {
    // Whatever is sent along is thrown away.
    incoming.resume();
    void give(byPath, incoming.method ?? '', incoming.url ?? '', options.log).then(({ status, text, contentType }) => {
      const bytes = Buffer.from(text);
      outgoing.writeHead(status, { 'content-type': contentType ?? 'text/plain; charset=utf-8', 'content-length': bytes.length });
      outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
    });
  });
  const address = await listen(server, options);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  return { address, url: `http://${authority(address)}`, close };
}

async function give(
  pages: ReadonlyMap<string, () => TextAnswer | Promise<TextAnswer>>,
  method: string,
  url: string,
  log: Log,
): Promise<TextAnswer> {
  const page = pages.get(url.split('?', 1)[0] ?? '');
  if (page === undefined) return { status: 404, text: '404 page not found\n' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'only GET and HEAD\n' };
  try {
    return await page();
  } catch (error) {
    log.error('page failed', { url, error: messageOf(error) });
    return { status: 500, text: 'an internal error: the log says more\n' };
  }
}
