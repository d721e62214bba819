import type { ApiRequest, ApiResponse } from '../../src/meta/control-plane.ts';
import type { Stage } from './stage.ts';

/** An answer, read to its end. */
export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The value of JSON, else the text. */
  readonly body: unknown;
}

export interface Sent {
  /** Method, path and query. */
  readonly request: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

export async function send(stage: Stage, sent: Sent): Promise<Heard> {
  const response = await open(stage, sent, new AbortController().signal);
  return { status: response.status, headers: response.headers, body: parsed(await textOf(response)) };
}

export function open(stage: Stage, { request, headers, body }: Sent, signal: AbortSignal): Promise<ApiResponse> {
  const asked = { ...parseRequest(request), headers: { ...stage.headers, ...headers } };
  return stage.controlPlane(body === undefined ? asked : { ...asked, body }, signal);
}

function parseRequest(request: string): Pick<ApiRequest, 'method' | 'path' | 'query'> {
  const [word = '', target = ''] = request.split(/ (.*)/s);
  const method = methods.find((candidate) => candidate === word);
  if (method === undefined) throw new Error(`not a request: ${request}`);
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  return { method, path, query: [...new URLSearchParams(query)] };
}

async function textOf({ body }: ApiResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
