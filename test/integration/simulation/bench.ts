import { Fault } from '../../../src/api/fault.ts';
import { HostPool } from '../../../src/api/host-pool.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { Runtime } from '../../../src/base/runtime.ts';
import { apiServer } from '../../../src/apiserver/server.ts';
import { manifestsIn } from '../../../src/cmd/install.ts';
import { client } from '../../../src/kube/client.ts';
import type { Client } from '../../../src/kube/types.ts';
import { isTrue } from '../../../src/meta/conditions.ts';
import { ConnectionLost, type ApiRequest, type ControlPlane } from '../../../src/meta/control-plane.ts';
import type { VirtualClock } from '../../../src/sim/clock.ts';
import { memoryDisk, type MemoryDisk } from '../../../src/sim/disk.ts';
import { testClock } from '../../../src/sim/test-support.ts';
import { runSimulation } from '../../../src/sim/simulation.ts';
import type { StartAgent } from '../../../src/sim/world/agent-process.ts';
import type { Observer } from '../../../src/sim/observer.ts';
import type { SimulatedWorld } from '../../../src/sim/world/world.ts';

/** The simulation on an embedded API server, in one process on a virtual clock, with a person at the keyboard. */
export interface SimulationBench {
  readonly clock: VirtualClock;
  readonly person: Client;
  readonly controlPlane: ControlPlane;
  /** For another process beside the simulation. */
  runtime(id: string): Runtime;
  readonly worldDisk: MemoryDisk;
  /** Every request but GET, by whoever made it: `method path manager`. */
  readonly writes: string[];
  /** How late the simulation hears on its watches, milliseconds. */
  watchDelayMs: number;
  /** Which of the simulation's requests are lost before the server hears of them. */
  loses: (request: ApiRequest) => boolean;
  world(): SimulatedWorld;
  /** Operators' ways to hear and switch the hosts: connected while there is a world. */
  attach(site: Observer): void;
  journal(): string;
  /** Settles as `work` does, letting virtual time pass. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Lets time pass until it is so. What asks lets time pass by `during`. */
  until(so: () => Promise<boolean>, limitMs?: number): Promise<void>;
  poolIsReady(name: string): Promise<boolean>;
  makePool(name: string, replicas: number, template?: object): Promise<void>;
  scale(name: string, replicas: number): Promise<void>;
  makeFault(name: string, spec: Fault['spec']): Promise<void>;
  fault(name: string): Promise<Fault | undefined>;
  /** The simulation dies without a word and another begins. The API server goes on. */
  restart(): Promise<void>;
  /** Asks the simulation to stop, and waits until it has. */
  stop(): Promise<void>;
}

interface Simulation {
  world: SimulatedWorld | undefined;
  readonly stopping: AbortController;
  dead: boolean;
  ended: Promise<void>;
}

/** An agent that does nothing. */
export const idleAgent: StartAgent = ({ runtime }) =>
  new Promise((resolve) => {
    runtime.stopping.addEventListener('abort', () => {
      resolve();
    });
  });

const token = 'person';

export async function simulationBench(startAgent: StartAgent = idleAgent): Promise<SimulationBench> {
  const clock = testClock();
  const random = seededRandom(1);
  const runtimeOf = (id: string, stopping = new AbortController().signal): Runtime => ({ id, clock, random, log: silentLog, stopping });
  const users = new Map([[token, { username: 'person', uid: '1', groups: ['system:masters'] }]]);
  const server = await apiServer({
    runtime: runtimeOf('server'),
    tokens: users,
    disk: memoryDisk({ random }).mount(),
    crds: await manifestsIn('crds'),
  });
  const writes: string[] = [];
  const controlPlane: ControlPlane = (request, signal) => {
    note(request);
    return server.handler({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }, signal);
  };
  const note = ({ method, path, query }: ApiRequest): void => {
    const manager = query.find(([name]) => name === 'fieldManager')?.[1] ?? '';
    if (method !== 'GET') writes.push(`${method} ${path} ${manager}`);
  };
  const sites: Observer[] = [];
  const worldDisk = memoryDisk({ random });
  const begin = async (): Promise<Simulation> => {
    const stopping = new AbortController();
    const simulation: Simulation = { world: undefined, stopping, dead: false, ended: Promise.resolve() };
    const connected: ControlPlane = async (request, signal) => {
      if (simulation.dead) return new Promise(() => undefined);
      if (bench.loses(request)) throw new ConnectionLost('reset');
      const response = await controlPlane(request, signal);
      const isWatch = request.query.some(([name, value]) => name === 'watch' && value !== 'false');
      return isWatch ? { ...response, body: late(response.body) } : response;
    };
    simulation.ended = runSimulation({
      runtime: runtimeOf('simulation', stopping.signal),
      disk: worldDisk.mount(),
      controlPlane: connected,
      connect: () => connected,
      startAgent,
      onWorld: (world) => {
        simulation.world = world;
        for (const site of sites) site.connect(world);
      },
    });
    await clock.until(() => simulation.world !== undefined, 60_000);
    return simulation;
  };
  async function* late(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of body) {
      if (bench.watchDelayMs > 0) await clock.sleep(bench.watchDelayMs);
      yield chunk;
    }
  }
  let running: Simulation;
  const person = client(controlPlane, runtimeOf('person'), { userAgent: 'person', fieldManager: 'person' });
  const bench: SimulationBench = {
    clock,
    person,
    controlPlane,
    runtime: (id) => runtimeOf(id),
    worldDisk,
    writes,
    watchDelayMs: 0,
    loses: () => false,
    world: () => running.world ?? fail('the world is not there yet'),
    attach: (site) => {
      sites.push(site);
      if (running.world !== undefined) site.connect(running.world);
    },
    journal: () => new TextDecoder().decode(worldDisk.peek('world.log') ?? new Uint8Array()),
    during: async (work) => {
      let settled = false;
      const end = (): void => {
        settled = true;
      };
      work.then(end, end);
      await clock.until(() => settled, 3_600_000);
      return work;
    },
    until: async (so, limitMs = 120_000) => {
      for (let waited = 0; !(await so()); waited += 100) {
        if (waited > limitMs) fail(`not so within ${String(limitMs)} ms`);
        await clock.advance(100);
      }
    },
    poolIsReady: async (name) => {
      const pool = await bench.during(person.get(HostPool, { name }));
      return pool?.status.observedGeneration === pool?.metadata.generation && isTrue(pool?.status.conditions, 'Ready');
    },
    makePool: async (name, replicas, template = {}) => {
      const object = { metadata: { name }, spec: { replicas, template } };
      await bench.during(person.apply(HostPool, { name }, object, { fieldManager: 'person' }));
    },
    scale: async (name, replicas) => {
      await bench.during(person.patch(HostPool, { name }, { spec: { replicas } }));
    },
    makeFault: async (name, spec) => {
      const object = { apiVersion: 'sim.hypersphere.io/v1alpha1', kind: 'Fault', metadata: { name }, spec };
      await bench.during(person.create(Fault, object));
    },
    fault: (name) => bench.during(person.get(Fault, { name })),
    restart: async () => {
      running.dead = true;
      worldDisk.crash('lost');
      running.stopping.abort();
      running = await begin();
    },
    stop: async () => {
      running.stopping.abort();
      await bench.during(running.ended);
    },
  };
  running = await begin();
  return bench;
}

function fail(message: string): never {
  throw new Error(message);
}
