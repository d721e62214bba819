/** A VM that is about to move from one simulated host to another, for tests. */
import { must } from '../../../base/errors.ts';
import type { StartToken } from '../../../ports/arbiter.ts';
import type { GuestState } from '../../../ports/guests.ts';
import type { HostPort } from '../../../ports/host-port.ts';
import type { MoveOptions, MoveProgress } from '../../../ports/moves.ts';
import type { WorldFault } from '../../../ports/world.ts';
import { livesFrom } from '../../lives.ts';
import type { GuestBehaviour } from '../behaviour.ts';
import type { WorldSettings } from '../settings.ts';
import { guestSpec, hardware, startGuest, worldBench, type WorldBench } from '../test-support.ts';

export const gigabit = 1e9 / 8;
export const tokenFor = (holder: string): StartToken => ({ vm: 'uid-web', holder });
export const handOver: MoveOptions = { mode: 'PreCopy', switchOver: () => Promise.resolve(tokenFor('g2')) };

/** It has touched all its memory and writes so many bytes a second into a share of it. */
export function writing(bytesPerSecond: number, workingSet = 0.5): GuestBehaviour {
  return {
    cpu: { mean: 0.5, swing: 0, periodMs: 1000, phase: 0 },
    memory: { atBoot: 1, inTheEnd: 1, halfMs: 1000 },
    dirty: { workingSet, bytesPerSecond },
  };
}

/** A guest g1 of VM web that beats on host a, g2 of the same VM prepared on b, and links of 1 Gbit/s. */
export interface Setting {
  readonly bench: WorldBench;
  readonly a: HostPort;
  readonly b: HostPort;
  /** As the agent of a has it that runs now: what it asked for dies with it. */
  agentOfA(): HostPort;
  send(options?: Partial<MoveOptions>, from?: HostPort): AsyncIterable<MoveProgress>;
  /** The states of g1 and g2. */
  states(): (GuestState | undefined)[];
  fault(
    type: Exclude<WorldFault['type'], 'GuestHang' | 'LinkDown' | 'VLANMissing' | 'SmallMTU'>,
    host: string,
  ): Promise<() => Promise<void>>;
}

export async function setting(behaviour = writing(1e6), settings: Partial<WorldSettings> = {}): Promise<Setting> {
  const bench = await worldBench({ settings: { behaviours: { 'shop/web': behaviour, 'shop/db': behaviour }, ...settings } });
  for (const name of ['a', 'b']) await bench.world.ensure({ ...hardware(name), nicBitsPerSecond: 1e9 });
  await bench.clock.until(() => bench.agents.length === 2, 60_000);
  const shared = { name: 'shared', type: 'SharedDirectory', path: '/srv' } as const;
  for (const name of ['a', 'b']) await bench.world.hostPort(name).datastores.attach([shared]);
  await startGuest(bench, 'a', guestSpec('g1', 'web'));
  await bench.clock.advance(5000);
  const a = bench.world.hostPort('a');
  const b = bench.world.hostPort('b');
  const endpoint = await b.moves.prepare(guestSpec('g2', 'web'));
  const stateOf = (host: string, id: string): GuestState | undefined =>
    bench.world
      .truth()
      .hosts.find(({ name }) => name === host)
      ?.guests.find((guest) => guest.id === id)?.state;
  return {
    bench,
    a,
    b,
    agentOfA: () =>
      must(
        bench.agents.findLast(({ name }) => name === 'a'),
        'an agent on a',
      ).port,
    send: (options = {}, from = a) => from.moves.send('g1', endpoint, { ...handOver, ...options }),
    states: () => [stateOf('a', 'g1'), stateOf('b', 'g2')],
    fault: (type, host) => bench.world.inject({ type, host }),
  };
}

export async function follow(progress: AsyncIterable<MoveProgress>): Promise<MoveProgress[]> {
  const all: MoveProgress[] = [];
  for await (const item of progress) all.push(item);
  return all;
}

/** Reads on, so that nothing is cancelled, until the clock has gone on by `ms`. */
export async function go(
  at: Setting,
  progress: AsyncIterable<MoveProgress>,
  ms: number,
): Promise<{ readonly reading: Promise<MoveProgress[]> }> {
  const reading = follow(progress);
  reading.catch(() => undefined);
  await at.bench.clock.advance(ms);
  return { reading };
}

/** Where and how each life of the VM ended, and that none broke rule 1. */
export function lives({ bench }: Setting): string[] {
  const { lives: all, violations } = livesFrom(bench.journal());
  if (violations.length > 0) throw new Error(violations.join('; '));
  return all.map(({ host, to }) => `${host} ${to?.by ?? 'runs'}`);
}

/** A moment at which 1 GiB is on its way, which takes some 8.6 s. */
export const halfWay = 4000;
