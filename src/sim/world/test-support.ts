import { seededRandom } from '../../base/random.ts';
import { silentLog } from '../../base/log.ts';
import type { Runtime } from '../../base/runtime.ts';
import type { ControlPlane } from '../../meta/control-plane.ts';
import type { VirtualClock } from '../clock.ts';
import { memoryDisk, type MemoryDisk } from '../disk.ts';
import { testClock } from '../test-support.ts';
import type { GuestSpec } from '../../ports/guests.ts';
import type { HostPort } from '../../ports/host-port.ts';
import type { SimulatedHost } from '../../ports/world.ts';
import type { AgentContext } from './agent-process.ts';
import type { WorldSettings } from './settings.ts';
import { simulatedWorld, type SimulatedWorld } from './world.ts';

export interface WorldBench {
  readonly clock: VirtualClock;
  readonly disk: MemoryDisk;
  /** The world of the process that runs now. */
  world: SimulatedWorld;
  /** Every agent that was started, in order. */
  readonly agents: AgentContext[];
  journal(): string;
  /** The process dies without a word and a new one begins on what its disk kept. */
  restart(power: 'kept' | 'lost'): Promise<void>;
  /** Asks the process that runs now to stop. */
  stop(): void;
  /** Settles as `work` does, letting virtual time pass. */
  during<T>(work: Promise<T>): Promise<T>;
}

export interface WorldBenchOptions {
  readonly settings?: Partial<WorldSettings>;
  readonly controlPlane?: ControlPlane;
  readonly runAgent?: (context: AgentContext) => Promise<void>;
  readonly seed?: number;
}

/** A world on a virtual clock and a simulated disk. */
export async function worldBench(options: WorldBenchOptions = {}): Promise<WorldBench> {
  const clock = testClock();
  const random = seededRandom(options.seed ?? 1);
  const disk = memoryDisk({ random });
  const agents: AgentContext[] = [];
  let stopping = new AbortController();
  const begin = (): Promise<SimulatedWorld> => {
    stopping = new AbortController();
    const runtime: Runtime = { id: 'world', clock, random, log: silentLog, stopping: stopping.signal };
    return simulatedWorld({
      runtime,
      disk: disk.mount(),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      connect: () => options.controlPlane ?? (() => new Promise(() => undefined)),
      startAgent: (context) => {
        agents.push(context);
        return (options.runAgent ?? untilStopped)(context);
      },
    });
  };
  const bench: WorldBench = {
    clock,
    disk,
    agents,
    world: await begin(),
    journal: () => new TextDecoder().decode(disk.peek('world.log') ?? new Uint8Array()),
    restart: async (power) => {
      disk.crash(power);
      bench.world = await begin();
    },
    stop: () => {
      stopping.abort();
    },
    during: async (work) => {
      let settled = false;
      const note = (): void => {
        settled = true;
      };
      work.then(note, note);
      await clock.until(() => settled, 3_600_000);
      return work;
    },
  };
  return bench;
}

export function untilStopped({ runtime }: Pick<AgentContext, 'runtime'>): Promise<void> {
  return new Promise((resolve) => {
    runtime.stopping.addEventListener('abort', () => {
      resolve();
    });
  });
}

export const gibibyte = 2 ** 30;
export function hardware(name: string): SimulatedHost {
  return { name, cores: 8, memoryBytes: 16 * gibibyte, guestBootMs: 4000, nicBitsPerSecond: 1e10 };
}

/** A guest of one core and 1 GiB, its disk and its memory file on `shared`. */
export function guestSpec(id: string, vm = id): GuestSpec {
  const volume = { datastore: 'shared', volume: `shop/${vm}/root` };
  return {
    id,
    vm: { uid: `uid-${vm}`, namespace: 'shop', name: vm },
    cores: 1,
    memoryBytes: gibibyte,
    disks: [{ name: 'root', volume }],
    memoryFile: { datastore: 'shared', volume: `shop/${vm}/memory` },
  };
}

/** Makes the hosts, and waits until their agents run and they know the datastore `shared`. */
export async function withHosts(bench: WorldBench, ...names: string[]): Promise<void> {
  const before = bench.agents.length;
  for (const name of names) await bench.world.ensure(hardware(name));
  await bench.clock.until(() => bench.agents.length === before + names.length, 60_000);
  for (const name of names) await bench.world.hostPort(name).datastores.attach([{ name: 'shared', type: 'SharedDirectory', path: '/srv' }]);
}

/** Makes its disks, and starts it with the word of its arbiter taken for granted. */
export async function startGuest(bench: WorldBench, host: string, spec: GuestSpec): Promise<void> {
  const { datastores, guests } = bench.world.hostPort(host);
  for (const disk of spec.disks) await datastores.ensure(disk.volume, gibibyte);
  await guests.start(spec, { vm: spec.vm.uid, holder: spec.id });
}

/** `id state heartbeat` of each guest. */
export async function guestsOn(port: HostPort): Promise<string[]> {
  return (await port.guests.list()).map((guest) => `${guest.spec.id} ${guest.state} ${guest.heartbeat}`);
}
