import type { Clock } from '../../base/clock.ts';
import type { ApiRequest, ApiResponse, ControlPlane } from '../../meta/control-plane.ts';
import { WholeBody } from '../../meta/whole-body.ts';
import { isPortError } from '../../ports/errors.ts';
import type { Bmc, Power, PowerState } from '../../ports/power.ts';
import { broadcast } from '../world/channel.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { beatMs, bmcsPath, decoded, encoded, hostsPath, type BmcAnswer, type HostLine } from './words.ts';

export interface SiteServerOptions {
  readonly world: Pick<SimulatedWorld, 'senses' | 'onChange' | 'power' | 'remembered'>;
  readonly clock: Clock;
  /** Who does not show it is sent away: whoever cuts power ends machines. */
  readonly token: string;
}

/** What operators in other processes hear and switch of a simulated world: HTTP in the shape of a control plane, so that the same sockets carry it. */
export function siteServer({ world, clock, token }: SiteServerOptions): ControlPlane {
  return async (request, signal) => {
    if (request.headers['authorization'] !== `Bearer ${token}`) return answer(401, { message: 'who asks is not known here' });
    if (request.path === hostsPath && request.method === 'GET') return stream(hostLines(world, clock, signal));
    const address = request.query.find(([name]) => name === 'address')?.[1];
    if (request.path === bmcsPath && address !== undefined) return askBmc(world.power, bmcAt(address), request);
    return answer(404, { message: 'there is no such thing here' });
  };
}

/** All hosts, then whatever changes, and a beat while nothing does. */
async function* hostLines(world: SiteServerOptions['world'], clock: Clock, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const news = broadcast<HostLine>();
  const lines = news.read(signal);
  const leave = world.onChange((host) => {
    news.push(lineOf(world, host));
  });
  let stop = (): void => undefined;
  const beat = (): void => {
    news.push({});
    stop = clock.after(beatMs, beat);
  };
  for (const host of world.remembered().keys()) news.push(lineOf(world, host));
  beat();
  try {
    for await (const line of lines) yield encoded(line);
  } finally {
    stop();
    leave();
  }
}

function lineOf(world: SiteServerOptions['world'], host: string): HostLine {
  const senses = world.senses(host);
  if (senses === undefined) return { host };
  const { beats, idle, pings, stores, segment } = senses;
  return { host, senses: { beats, idle, pings, stores, segment } };
}

/** Only where it is tells BMCs apart. */
function bmcAt(address: string): Bmc {
  return { protocol: 'Redfish', address, port: 443 };
}

async function askBmc(power: Power, bmc: Bmc, { method, body }: ApiRequest): Promise<ApiResponse> {
  const to = method === 'PUT' ? wanted(body) : undefined;
  if (method === 'PUT' ? to === undefined : method !== 'GET')
    return answer(400, { message: 'GET it, or PUT {"to": "On"} or {"to": "Off"}' });
  try {
    if (to !== undefined) await power.set(bmc, to);
    return answer(200, { state: to ?? (await power.state(bmc)) });
  } catch (error) {
    if (!isPortError(error)) throw error;
    return answer(503, { code: error.code, message: error.message });
  }
}

function wanted(body: Uint8Array | undefined): PowerState | undefined {
  try {
    const { to } = decoded<{ to: PowerState }>(new TextDecoder().decode(body));
    return to === 'On' || to === 'Off' ? to : undefined;
  } catch {
    return undefined;
  }
}

const json = { 'content-type': 'application/json' };

function answer(status: number, words: BmcAnswer): ApiResponse {
  return { status, headers: json, body: new WholeBody(encoded(words)) };
}

function stream(body: AsyncIterable<Uint8Array>): ApiResponse {
  return { status: 200, headers: json, body };
}
