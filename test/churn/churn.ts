/** Clients that follow a control plane through a bad network, while writers write: in the end each cache is what the server lists. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Runtime } from '../../src/base/runtime.ts';
import { ensureNamespace, installCrds, manifestsIn } from '../../src/cmd/install.ts';
import { client as clientOf } from '../../src/kube/client.ts';
import type { Client } from '../../src/kube/types.ts';
import { keyOf, type KubeObject } from '../../src/meta/objects.ts';
import { undiciControlPlane } from '../../src/net/undici-control-plane.ts';
import { pinoLog } from '../../src/system/log.ts';
import { systemRuntime } from '../../src/system/runtime.ts';
import { root } from '../e2e/programs.ts';
import { faultProxy } from './fault-proxy.ts';
import type { Observer, Observers, Patience, Place } from './observer.ts';
import { ourObservers } from './our-observers.ts';
import type { Plane } from './plane.ts';
import { stockObservers } from './stock-observers.ts';
import { essence, namespaces } from './subjects.ts';
import { weather } from './weather.ts';
import { writers } from './writers.ts';

export interface ChurnOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Whether clients with the patience that they come with follow too; they need minutes to get over what is frozen. */
  readonly patient: boolean;
}

export interface Report {
  readonly written: number;
  /** Answers to writers that no server should give. */
  readonly surprises: readonly string[];
  /** How many connections or requests each kind of weather has struck. */
  readonly struck: ReadonlyMap<string, number>;
  readonly events: number;
  /** What listeners were told that made no sense, by who was told it. */
  readonly wrong: readonly string[];
  /** Where caches, or what their listeners know, are not what the server lists. */
  readonly differences: readonly string[];
  /** How long it took from the last write until nothing differed, and where something differed last. */
  readonly settled: string;
  /** What clients had to get over. */
  readonly story: string;
}

const hurried: Patience = { silence: 2_000, answer: 2_000, restart: 300 };
/** A condition that does not come in this time never does: the default silence of 90 s, and some more. */
const patienceMs = { hurried: 60_000, patient: 200_000 } as const;

export async function churn(plane: Plane, options: ChurnOptions): Promise<Report> {
  const end = new AbortController();
  const runtime = systemRuntime('churn', end.signal, pinoLog({ level: 'error' }));
  const straight = undiciControlPlane({ server: plane.url, ca: plane.ca, token: plane.token });
  const client = clientOf(straight.controlPlane, runtime, { userAgent: 'churn-writer', fieldManager: 'churn-writer' });
  const random = seededRandom(options.seed);
  const proxy = await faultProxy(plane, seededRandom(random.integer(2 ** 31)));
  const stops = [async () => proxy.close(), straight.close];
  try {
    await installCrds(client, runtime.clock, await manifestsIn(join(root, 'crds')), end.signal);
    for (const namespace of namespaces) await ensureNamespace(client, namespace);
    const observers = observe({ url: proxy.url, ca: proxy.ca, token: plane.token }, runtime, options.patient);
    stops.unshift(...observers.map((one) => one.stop));
    const all = observers.flatMap((one) => one.all);
    // Who has never followed anything has nothing to lose.
    await converged(all, client, runtime.clock, patienceMs.hurried);
    const writing = new AbortController();
    const work = writers(client, runtime.clock, seededRandom(random.integer(2 ** 31)), writing.signal);
    const struck = await weather({ plane, proxy, clock: runtime.clock, random }, options.seconds);
    writing.abort();
    await work.done;
    const { differences, settled } = await converged(all, client, runtime.clock, patienceMs[options.patient ? 'patient' : 'hurried']);
    return {
      written: work.written(),
      surprises: work.surprises,
      struck,
      events: all.reduce((sum, { ledger }) => sum + ledger.events(), 0),
      wrong: all.flatMap(({ name, ledger }) => ledger.wrong.map((one) => `${name}: ${one}`)),
      differences,
      settled,
      story: observers.map((one) => one.story()).join('\n'),
    };
  } finally {
    end.abort();
    for (const stop of stops) await stop();
  }
}

function observe(place: Place, runtime: Runtime, patient: boolean): Observers[] {
  const hurrying = [ourObservers(place, runtime, hurried), stockObservers(place, hurried)];
  return patient ? [...hurrying, ourObservers(place, runtime, undefined), stockObservers(place)] : hurrying;
}

interface Converged {
  readonly differences: readonly string[];
  readonly settled: string;
}

/** Waits until nothing differs, or until patience has run out. */
async function converged(all: readonly Observer[], client: Client, clock: Clock, patience: number): Promise<Converged> {
  const began = clock.monotonic();
  let last = 'nobody';
  for (;;) {
    const differences: string[] = [];
    for (const observer of all) differences.push(...(await differencesOf(observer, client)));
    const ms = clock.monotonic() - began;
    if (differences.length === 0 || ms > patience) return { differences, settled: `${(ms / 1000).toFixed(1)} s, last ${last}` };
    last = differences.at(-1) ?? last;
    await clock.sleep(250);
  }
}

async function differencesOf({ name, watched, ledger, objects }: Observer, client: Client): Promise<string[]> {
  const { items } = await client.list(watched.kind, watched.selection);
  const listed = byKey(items);
  return [...compared(`${name}: the cache`, listed, byKey(objects())), ...compared(`${name}: the listener`, listed, ledger.there)];
}

function byKey(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object.metadata), object]));
}

function compared(who: string, listed: ReadonlyMap<string, KubeObject>, held: ReadonlyMap<string, KubeObject>): string[] {
  const differences: string[] = [];
  for (const key of new Set([...listed.keys(), ...held.keys()])) {
    const [is, has] = [listed.get(key), held.get(key)];
    if (is !== undefined && has !== undefined && isDeepStrictEqual(essence(is), essence(has))) continue;
    differences.push(`${who} has ${key}@${has?.metadata.resourceVersion ?? '-'}, the server @${is?.metadata.resourceVersion ?? '-'}`);
  }
  return differences;
}
