/**
 * A bare pooled client as a process: reads what to do from standard input, sends what was recorded for each VM with the recorded watches open,
 * and prints how many seconds it took. It decides nothing and keeps nothing: what is left is the server's time.
 */
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { recordedName, type Recording, type RecordedRequest } from './recording.ts';

/** What it is told, as JSON. */
export interface BareTask {
  readonly url: string;
  /** PEM text. */
  readonly ca: string;
  readonly token: string;
  readonly vms: number;
  readonly recording: Recording;
}

const inFlight = 32;

async function watch(pool: Pool, uri: string, headers: Record<string, string>): Promise<void> {
  const { statusCode, body } = await pool.request({ path: uri, method: 'GET', headers, bodyTimeout: 0 });
  // A server that has just learned of a kind asks for a moment.
  if (statusCode === 429) {
    await body.dump();
    await setTimeout(200);
    return watch(pool, uri, headers);
  }
  if (statusCode !== 200) throw new Error(`watch ${uri}: HTTP ${String(statusCode)}`);
  body.on('error', () => undefined).resume();
}

async function send(
  pool: Pool,
  { method, uri, type, body }: RecordedRequest,
  headers: Record<string, string>,
  version: string,
): Promise<string> {
  const content = method === 'PUT' ? body.replace('"metadata":{', `"metadata":{"resourceVersion":"${version}",`) : body;
  const sent = { ...headers, ...(body === '' ? {} : { 'content-type': type }) };
  const answer = await pool.request({ path: uri, method, headers: sent, ...(body === '' ? {} : { body: content }) });
  const said = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${uri}: HTTP ${String(answer.statusCode)}: ${said}`);
  const { metadata } = JSON.parse(said) as { metadata?: { resourceVersion?: string } };
  return metadata?.resourceVersion ?? '';
}

async function main({ url, ca, token, vms, recording }: BareTask): Promise<number> {
  const options = { connect: { ca, allowH2: false }, pipelining: 1, allowH2: false };
  const headers = { accept: 'application/json', authorization: `Bearer ${token}`, 'user-agent': 'hypersphere-bench-bare' };
  const [watching, sending] = [new Pool(url, options), new Pool(url, { ...options, connections: inFlight })];
  for (const uri of recording.watches) await watch(watching, uri, headers);
  let next = 0;
  const began = performance.now();
  const play = async (): Promise<void> => {
    for (let vm = next++; vm < vms; vm = next++) {
      const index = vm % recording.chains.length;
      let version = '';
      for (const { method, uri, type, body } of recording.chains[index] ?? []) {
        const renamed = (words: string): string => words.replaceAll(recordedName(index), `vm-${String(vm)}`);
        version = await send(sending, { method, type, uri: renamed(uri), body: renamed(body) }, headers, version);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, play));
  return (performance.now() - began) / 1000;
}

process.stdout.write(`${JSON.stringify({ seconds: await main(JSON.parse(await text(process.stdin)) as BareTask) })}\n`);
process.exit(0);
