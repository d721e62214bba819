import { Stopped } from '../../base/errors.ts';
import { ConnectionLost, type ApiRequest, type ControlPlane } from '../../meta/control-plane.ts';
import { PortError } from '../../ports/errors.ts';
import type { Bmc, Power, PowerState } from '../../ports/power.ts';
import type { ObservedWorld } from '../observer.ts';
import type { Senses } from '../world/senses.ts';
import { bmcsPath, decoded, encoded, type BmcAnswer, type HostLine, type Noticed } from './words.ts';

/** A simulated world in another process, as far as it was told of. */
export interface RemoteWorld extends ObservedWorld {
  /** @throws {Error} when it is no line of the stream. */
  take(line: string): HostLine;
}

/** @param site what a `siteServer` answers, over whatever carries it. */
export function remoteWorld(site: ControlPlane, signal: AbortSignal): RemoteWorld {
  const hosts = new Map<string, Noticed>();
  const handlers = new Set<(host: string) => void>();
  const take = (text: string): HostLine => {
    const line = hostLine(text);
    const { host, senses } = line;
    if (host === undefined) return line;
    if (senses === undefined) hosts.delete(host);
    else hosts.set(host, senses);
    for (const handler of handlers) handler(host);
    return line;
  };
  return {
    take,
    senses: (host) => sensesIn(hosts, host),
    onChange: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    power: remotePower(site, signal),
  };
}

function hostLine(text: string): HostLine {
  const { host, senses } = decoded<HostLine>(text);
  if (host === undefined) return {};
  if (typeof host !== 'string') throw new Error('no line about a host');
  if (senses === undefined) return { host };
  if (!isNoticed(senses)) throw new Error(`nothing that can be noticed of host ${host}`);
  return { host, senses };
}

function isNoticed(senses: unknown): senses is Noticed {
  if (typeof senses !== 'object' || senses === null) return false;
  const { beats, idle, pings, stores, segment } = senses as Partial<Record<keyof Noticed, unknown>>;
  return [beats, idle, pings, stores].every((is) => typeof is === 'boolean') && typeof segment === 'string';
}

function sensesIn(hosts: ReadonlyMap<string, Noticed>, host: string): Senses | undefined {
  const senses = hosts.get(host);
  if (senses === undefined) return undefined;
  const hearsPeers = (): boolean => [...hosts].some(([name, { beats, segment }]) => name !== host && beats && segment === senses.segment);
  return { ...senses, hearsPeers };
}

function remotePower(site: ControlPlane, signal: AbortSignal): Power {
  const ask = async (bmc: Bmc, more: Pick<ApiRequest, 'method' | 'body'>): Promise<PowerState> => {
    const headers = more.body === undefined ? {} : { 'content-type': 'application/json' };
    const request: ApiRequest = { path: bmcsPath, query: [['address', bmc.address]], headers, ...more };
    try {
      const { body } = await site(request, signal);
      return stateIn(await textOf(body));
    } catch (error) {
      if (error instanceof ConnectionLost || error instanceof Stopped)
        throw new PortError('Unreachable', `the BMC at ${bmc.address} cannot be reached: ${error.message}`);
      throw error;
    }
  };
  return {
    state: (bmc) => ask(bmc, { method: 'GET' }),
    set: async (bmc, to) => {
      await ask(bmc, { method: 'PUT', body: encoded({ to }) });
    },
  };
}

function stateIn(text: string): PowerState {
  const { state, code, message } = decoded<BmcAnswer>(text);
  if (state === 'On' || state === 'Off') return state;
  throw new PortError(code === 'Unreachable' ? 'Unreachable' : 'Failed', typeof message === 'string' ? message : 'no answer of a BMC');
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text;
}
