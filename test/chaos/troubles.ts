/** How each trouble comes about. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemNamespace } from '../../src/api/common.ts';
import { Fault } from '../../src/api/fault.ts';
import type { Client } from '../../src/kube/types.ts';
import { Lease } from '../../src/meta/core.ts';
import { apiVersionOf } from '../../src/meta/resource.ts';
import { poolName } from '../simulation/user.ts';
import type { Actor } from './actor.ts';
import type { Trouble, Who } from './plan.ts';

export interface Site {
  readonly operators: readonly Actor[];
  readonly world: Actor;
  readonly client: Client;
  readonly hosts: number;
  readonly restartServer: () => Promise<void>;
  readonly say: (text: string) => void;
}

/** How long a trap waits for its call. */
const trapMs = 25_000;

type Of<K extends Trouble['kind']> = Extract<Trouble, { readonly kind: K }>;

/** Lets it happen, and settles when it is over. @returns false when it met nobody. */
export async function befall(site: Site, trouble: Trouble): Promise<boolean> {
  switch (trouble.kind) {
    case 'killed':
      await (await one(site, trouble.who)).kill(trouble.ms);
      return true;
    case 'paused':
      await (await one(site, trouble.who)).pause(trouble.ms);
      return true;
    case 'cut off':
      return cutOff(await one(site, trouble.who), trouble.ms);
    case 'refused':
      return refused(await one(site, trouble.who), trouble);
    case 'intermediate':
      return intermediate(site, trouble);
    case 'behind':
      return behind(site, trouble);
    case 'stale':
      return stale(site, trouble);
    case 'unobserved':
      return unobserved(site, trouble);
    case 'server killed':
      await site.restartServer();
      return true;
    case 'rack':
      return rack(site, trouble);
  }
}

function all({ operators, world }: Site, who: Who): readonly Actor[] {
  return who === 'world' ? [world] : operators;
}

/** The world, or the operator that leads. */
async function one(site: Site, who: Who): Promise<Actor> {
  if (who === 'world') return site.world;
  const lease = await site.client.get(Lease, { namespace: systemNamespace, name: 'hypersphere-operator' }).catch(() => undefined);
  const pid = /-(\d+)$/.exec(lease?.spec?.holderIdentity ?? '')?.[1];
  const [first = site.world] = site.operators;
  return site.operators.find((operator) => String(operator.pid) === pid) ?? first;
}

async function cutOff({ proxy }: Actor, ms: number): Promise<boolean> {
  proxy.blackHole(true);
  const cut = proxy.fail('reset', 'all');
  await sleep(ms);
  proxy.blackHole(false);
  return cut > 0;
}

async function refused({ proxy }: Actor, { code, ms }: Of<'refused'>): Promise<boolean> {
  const reason = ({ 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable' } as const)[code];
  const before = proxy.refused();
  proxy.refuse({ code, reason, share: 0.8, ...(code === 500 ? {} : { retryAfter: 1 }) });
  proxy.fail('reset', 'all');
  await sleep(ms);
  proxy.refuse(undefined);
  return proxy.refused() > before;
}

async function intermediate(site: Site, { who, step, when, nth, ms }: Of<'intermediate'>): Promise<boolean> {
  const traps = all(site, who).map((actor) => {
    const sprung = Promise.withResolvers<Actor>();
    const takeAway = actor.eyes.set({ step, when, nth, spring: () => void actor.kill(ms).then(() => sprung.resolve(actor)) });
    return { sprung: sprung.promise, takeAway };
  });
  const dead = await Promise.race([...traps.map(({ sprung }) => sprung), sleep(trapMs, undefined)]);
  for (const { takeAway } of traps) takeAway();
  if (dead !== undefined) site.say(`${dead.name} died ${when} it could ${step}`);
  return dead !== undefined;
}

async function behind(site: Site, { who, succession, ms }: Of<'behind'>): Promise<boolean> {
  // Whoever leads next has to wait for the lead; it is still in the past then.
  for (const { eyes } of all(site, who)) eyes.fallBehind(succession ? ms + 20_000 : ms);
  await sleep(1500);
  if (succession) await (await one(site, who)).kill(20_000);
  await sleep(ms);
  return true;
}

async function stale(site: Site, { who, age, ms }: Of<'stale'>): Promise<boolean> {
  const actors = all(site, who);
  for (const { eyes } of actors) await eyes.remember();
  await sleep(age);
  for (const { eyes } of actors) eyes.livePast(ms);
  await Promise.all(actors.map((actor) => actor.kill(0)));
  await sleep(ms);
  return true;
}

async function unobserved(site: Site, { who, ms }: Of<'unobserved'>): Promise<boolean> {
  const actors = all(site, who);
  for (const { eyes } of actors) eyes.turnBlind(ms);
  const ended = actors.reduce((sum, { proxy }) => sum + proxy.endWatches(), 0);
  await sleep(ms);
  return ended > 0;
}

let made = 0;

async function rack({ client, hosts }: Site, { type, host, ms }: Of<'rack'>): Promise<boolean> {
  const metadata = { name: `chaos-${String(++made)}` };
  const spec = { type, nodeName: `${poolName}-${String(host % hosts)}`, duration: `${String(ms)}ms` };
  await client.create(Fault, { apiVersion: apiVersionOf(Fault), kind: Fault.kind, metadata, spec });
  await sleep(ms);
  return true;
}
