/** Two operators that both believe to lead, over caches that lag and a network that loses answers, and VMs that come and go. */
import { PortGroup } from '../../../src/api/port-group.ts';
import { DistributedSwitch } from '../../../src/api/distributed-switch.ts';
import { Host } from '../../../src/api/host.ts';
import { AddressClaim } from '../../../src/api/address-claim.ts';
import { SwitchPort } from '../../../src/api/switch-port.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { operatorManager } from '../../../src/api/common.ts';
import { apiServer } from '../../../src/apiserver/server.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { Runtime } from '../../../src/base/runtime.ts';
import { manifestsIn } from '../../../src/cmd/install.ts';
import { switchPortController } from '../../../src/controllers/switch-port/controller.ts';
import { networkSourcesOf } from '../../../src/fleet/network-sources.ts';
import { Networks } from '../../../src/fleet/networks.ts';
import { PortBook } from '../../../src/fleet/port-book.ts';
import { caches } from '../../../src/kube/caches.ts';
import { client as clientOf } from '../../../src/kube/client.ts';
import { runController } from '../../../src/kube/controller.ts';
import type { Client } from '../../../src/kube/types.ts';
import type { ControlPlane } from '../../../src/meta/control-plane.ts';
import { Namespace } from '../../../src/meta/core.ts';
import { keyOf } from '../../../src/meta/objects.ts';
import { memoryDisk } from '../../../src/sim/disk.ts';
import { testClock } from '../../../src/sim/test-support.ts';
import type { VirtualClock } from '../../../src/sim/clock.ts';
import { faultyControlPlane, type Faults } from '../kube/faulty-control-plane.ts';

const headers = { authorization: 'Bearer t' };
export const restMs = 30_000;

export interface AssignmentBench {
  readonly clock: VirtualClock;
  readonly person: Client;
  /** Identities that were given so far. */
  assigned(): number;
  /** What should never be, in words. */
  readonly violations: readonly string[];
  /** One of the operators dies without a word, and another takes its place. */
  replaceOperator(): void;
  during<T>(work: Promise<T>): Promise<T>;
  /** Whether the network is good. */
  weather(good: boolean): void;
  stop(): Promise<void>;
}

export async function assignmentBench(seed: number): Promise<AssignmentBench> {
  const clock = testClock();
  const random = seededRandom(seed);
  const stop = new AbortController();
  const runtime = (id: string, stopping = stop.signal): Runtime => ({
    id,
    clock,
    random: seededRandom(random.integer(2 ** 31)),
    log: silentLog,
    stopping,
  });
  const server = await apiServer({
    runtime: runtime('server'),
    tokens: new Map([['t', { username: 'person', uid: '1', groups: ['system:masters'] }]]),
    disk: memoryDisk({ random: seededRandom(seed) }).mount(),
    crds: await manifestsIn('crds'),
  });
  const person = clientOf(server.handler, runtime('person'), { userAgent: 'person', fieldManager: 'person', headers });
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const mark = (): void => void (isDone = true);
    work.then(mark, mark);
    await clock.until(() => isDone, 600_000);
    return work;
  };
  await during(prepare(person));
  const weather: Faults[] = [];
  let isGood = true;
  const operators: AbortController[] = [];
  const start = (): void => {
    const life = new AbortController();
    operators.push(life);
    const own = runtime(`operator-${String(operators.length)}`, life.signal);
    const { controlPlane, faults } = faultyControlPlane(lagging(server.handler, own), clock, own.random);
    faults.on = !isGood;
    weather.push(faults);
    void operate(controlPlane, own);
  };
  start();
  start();
  const watch = observer(server.handler, runtime('observer'), clock);
  return {
    clock,
    person,
    during,
    assigned: watch.assigned,
    violations: watch.violations,
    replaceOperator: () => {
      operators[operators.length - 2]?.abort();
      start();
    },
    weather: (good) => {
      isGood = good;
      for (const faults of weather) faults.on = !good;
    },
    stop: async () => {
      for (const life of operators) life.abort();
      stop.abort();
      await clock.settle();
      await server.close();
    },
  };
}

async function prepare(person: Client): Promise<void> {
  const by = { fieldManager: 'person' };
  for (const name of ['shop', 'lab']) await person.apply(Namespace, { name }, {}, by);
  await person.apply(DistributedSwitch, { name: 'prod' }, { spec: { hostSelector: {} } }, by);
  const pools = { four: '10.0.0.0/23', six: 'fd00:10::/119' };
  for (const [name, pool] of Object.entries(pools)) {
    const spec = { switch: 'prod', namespaceSelector: {}, vlan: { id: 10 }, addresses: { pool, rest: '30s' } };
    await person.apply(PortGroup, { name }, { spec }, by);
  }
}

async function operate(controlPlane: ControlPlane, runtime: Runtime): Promise<void> {
  const options = { userAgent: 'operator', fieldManager: operatorManager, headers };
  const client = clientOf(controlPlane, runtime, options);
  const watched = caches(controlPlane, runtime, options);
  const sources = {
    vms: watched.cache(VirtualMachine),
    instances: watched.cache(VirtualMachineInstance, {
      indexes: { byName: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace ?? '', name: spec.virtualMachine })] },
    }),
    hosts: watched.cache(Host),
    networks: networkSourcesOf(watched),
  };
  const book = new PortBook(sources);
  const networks = new Networks(sources, book);
  const controller = switchPortController({ client, clock: runtime.clock, sources, networks, book });
  await runController(controller, runtime, { caches: watched }).catch(() => undefined);
}

/** Watches tell of what was some seconds ago. */
function lagging(inner: ControlPlane, { clock, random }: Runtime): ControlPlane {
  return async (request, signal) => {
    const response = await inner(request, signal);
    if (!request.query.some(([name]) => name === 'watch')) return response;
    const late = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of response.body) {
        await clock.sleep(random.integer(3_000), signal);
        yield chunk;
      }
    };
    return { ...response, body: late() };
  };
}

interface Observer {
  readonly violations: string[];
  assigned(): number;
}

/** Sees each change of each port, and judges it. */
function observer(controlPlane: ControlPlane, runtime: Runtime, clock: VirtualClock): Observer {
  const ports = caches(controlPlane, runtime, { userAgent: 'observer', headers }).cache(SwitchPort);
  const holders = new Map<string, SwitchPort>();
  const left = new Map<string, { readonly by: string; readonly at: number }>();
  const violations: string[] = [];
  let count = 0;
  const judge = (what: string, port: SwitchPort): void => {
    const holder = holders.get(what);
    if (holder !== undefined && holder.metadata.uid !== port.metadata.uid)
      violations.push(`${what} is ${keyOf(holder.metadata)}'s and ${keyOf(port.metadata)}'s`);
    const before = left.get(what);
    // Times of claims are whole seconds.
    if (before !== undefined && before.by !== keyOf(port.metadata) && clock.now() - before.at < restMs - 1_000)
      violations.push(`${what} was given to ${keyOf(port.metadata)} ${String(clock.now() - before.at)} ms after ${before.by} gave it up`);
    holders.set(what, port);
  };
  ports.onChange((before, after) => {
    if (after === undefined) {
      for (const what of before === undefined ? [] : identitiesOf(before)) holders.delete(what);
      return;
    }
    // Its rest begins when it is freed, which no sooner can be than its port is being deleted.
    if (after.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined)
      for (const what of identitiesOf(after)) left.set(what, { by: keyOf(after.metadata), at: clock.now() });
    if (after.spec.addresses === undefined || before?.spec.addresses !== undefined) return;
    count++;
    for (const what of identitiesOf(after)) judge(what, after);
  });
  return { violations, assigned: () => count };
}

function identitiesOf({ spec }: SwitchPort): string[] {
  return [...(spec.macAddress === undefined ? [] : [spec.macAddress]), ...(spec.addresses ?? [])];
}

/** What of ports and claims does not agree: nothing, once all is quiet. */
export async function disagreements(person: Client): Promise<string[]> {
  const { items: ports } = await person.list(SwitchPort);
  const { items: claims } = await person.list(AddressClaim);
  const used = new Map(
    claims.filter(({ spec }) => spec.freedAt === undefined).map(({ spec }) => [spec.macAddress ?? spec.address ?? '', spec.port.uid]),
  );
  const wrong: string[] = [];
  for (const port of ports)
    for (const what of identitiesOf(port)) {
      if (used.get(what) !== port.metadata.uid) wrong.push(`${keyOf(port.metadata)} has ${what} without a claim`);
      used.delete(what);
    }
  return [...wrong, ...[...used.keys()].map((what) => `${what} is claimed by nobody that there is`)];
}
