import assert from 'node:assert/strict';
import { runAgent } from '../../../src/agent/agent.ts';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { guestFinalizer, VirtualMachineInstance, type VirtualMachineInstanceSpec } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Lease, Namespace } from '../../../src/meta/core.ts';
import type { WorldFault } from '../../../src/ports/world.ts';
import { readJournal } from '../../../src/sim/journal.ts';
import { livesFrom, type GuestLife } from '../../../src/sim/lives.ts';
import { aCluster, anInstance, aVm } from '../../builders/objects.ts';
import { simulationBench, type SimulationBench } from '../simulation/bench.ts';
import { stepping, steppingPlane, type Meet } from './steps.ts';

export type ArbiterKind = 'datastore' | 'lease';
export type MoveMode = NonNullable<VirtualMachineInstanceSpec['moveTo']>['mode'];

/** Hosts rack-1 and rack-2 with their agents and no operator: the test does what an operator would. */
export interface MoveBench extends SimulationBench {
  /** What befalls the agents; nothing at first. */
  meet: Meet;
  /** An instance of VM `web` on the host; `from`: it takes over from that one. */
  make(name: string, nodeName: string, from?: VirtualMachineInstance): Promise<VirtualMachineInstance>;
  find(name: string): Promise<VirtualMachineInstance | undefined>;
  get(name: string): Promise<VirtualMachineInstance>;
  patch(name: string, spec: object): Promise<void>;
  /** As `patch`, from within a step: it does not let time pass. */
  change(name: string, spec: object): Promise<void>;
  /** Asks for its deletion. */
  remove(name: string): Promise<void>;
  /** The same, from within a step. */
  delete(name: string): Promise<void>;
  untilGone(name: string): Promise<void>;
  untilPhase(name: string, phase: string, limitMs?: number): Promise<VirtualMachineInstance>;
  /** Tells the source to send its guest, once the target waits for it. @param bandwidth bit/s. */
  send(source: string, target: string, mode?: MoveMode, bandwidth?: string): Promise<void>;
  /** Deletes it and takes its finalizer away, as a person may. */
  removeByForce(name: string): Promise<void>;
  inject(fault: WorldFault): Promise<() => Promise<void>>;
  /** `rack-1 Running` of each guest of the VM, in truth. */
  guests(): readonly string[];
  /** The lives of the VM so far. Fails when it ran twice at an instant (rule 1). */
  lives(): readonly GuestLife[];
  /** How often a guest was started from its disks. */
  starts(): number;
  /** The uid of who holds the VM. */
  holder(): Promise<string | undefined>;
}

const by = { fieldManager: 'person' };

export function says(instance: VirtualMachineInstance): string {
  const ready = findCondition(instance.status.conditions, 'Ready');
  return `${instance.status.phase ?? ''} ${ready?.reason ?? ''}`;
}

/** A guest that runs on rack-1 as `a`, and `b` that waits for it on rack-2. */
export async function preparedMove(kind: ArbiterKind): Promise<MoveBench> {
  const at = await moveBench(kind);
  const source = await at.make('a', 'rack-1');
  await at.untilPhase('a', 'Running');
  await at.make('b', 'rack-2', source);
  await at.untilPhase('b', 'Incoming');
  return at;
}

export async function moveBench(kind: ArbiterKind): Promise<MoveBench> {
  const hooks: { meet: Meet } = { meet: () => Promise.resolve() };
  const meet: Meet = (step) => hooks.meet(step);
  const bench = await simulationBench(({ name, port, controlPlane, runtime }) =>
    runAgent({ nodeName: name, host: stepping(port, name, meet), controlPlane: steppingPlane(controlPlane, name, meet), runtime }),
  );
  const { person, during } = bench;
  for (const name of ['shop', 'hypersphere-system']) await during(person.apply(Namespace, { name }, {}, by));
  await during(person.apply(HostCluster, { name: 'main' }, { spec: aCluster().spec }, by));
  const { metadata } = await during(person.apply(VirtualMachine, { namespace: 'shop', name: 'web' }, { spec: aVm('web').spec }, by));
  await bench.makePool('rack', 2);
  await bench.until(() =>
    Promise.resolve(
      bench
        .world()
        .truth()
        .hosts.filter((host) => host.agentRunning).length === 2,
    ),
  );
  const vm = { ...aVm('web'), metadata };
  const arbiter = kind === 'datastore' ? { datastore: 'shared' } : { lease: `vm-${metadata.uid}` };
  let made = 0;
  const self: MoveBench = Object.assign(hooks, bench, {
    make: async (name: string, nodeName: string, from?: VirtualMachineInstance) => {
      const origin = from === undefined ? {} : { origin: { migration: 'm', instance: from.metadata.name, instanceUID: from.metadata.uid } };
      const disks = [{ name: 'root', datastore: 'shared', size: '1Gi' }];
      const { apiVersion, kind: type, spec } = anInstance(vm, nodeName, { spec: { arbiter, disks, incarnation: ++made, ...origin } });
      const draft = { apiVersion, kind: type, spec, metadata: { name, namespace: 'shop', finalizers: [guestFinalizer] } };
      return during(person.create(VirtualMachineInstance, draft));
    },
    find: (name: string) => during(person.get(VirtualMachineInstance, { namespace: 'shop', name })),
    get: async (name: string) => (await self.find(name)) ?? assert.fail(`there is no instance ${name}`),
    patch: (name: string, spec: object) => during(self.change(name, spec)),
    change: async (name: string, spec: object) => {
      await person.patch(VirtualMachineInstance, { namespace: 'shop', name }, { spec });
    },
    remove: (name: string) => during(self.delete(name)),
    delete: async (name: string) => {
      await person.delete(VirtualMachineInstance, { namespace: 'shop', name });
    },
    removeByForce: async (name: string) => {
      await during(person.patch(VirtualMachineInstance, { namespace: 'shop', name }, { metadata: { finalizers: [] } }));
      await self.remove(name);
    },
    untilGone: (name: string) => bench.until(async () => (await self.find(name)) === undefined),
    untilPhase: async (name: string, phase: string, limitMs?: number) => {
      await bench.until(async () => (await self.get(name)).status.phase === phase, limitMs);
      return self.get(name);
    },
    send: async (source: string, target: string, mode: MoveMode = 'PreCopy', bandwidth?: string) => {
      await bench.until(async () => (await self.get(target)).status.endpoint !== undefined);
      const to = await self.get(target);
      const { nodeName } = to.spec;
      const moveTo = { migration: 'm', instance: target, instanceUID: to.metadata.uid, nodeName, endpoint: to.status.endpoint, mode };
      await self.patch(source, { moveTo: { ...moveTo, ...(bandwidth === undefined ? {} : { bandwidth }) } });
    },
    inject: (fault: WorldFault) => during(bench.world().inject(fault)),
    guests: () => {
      const { hosts } = bench.world().truth();
      return hosts.flatMap(({ name, guests }) => guests.map(({ state }) => `${name} ${state}`));
    },
    lives: () => {
      const { lives, violations } = livesFrom(bench.journal());
      assert.deepEqual(violations, []);
      return lives;
    },
    starts: () => readJournal(bench.journal()).entries.filter(({ type }) => type === 'GuestStarted').length,
    holder: async () => {
      if (kind === 'lease') {
        const lease = await during(person.get(Lease, { namespace: 'shop', name: `vm-${metadata.uid}` }));
        return lease?.spec?.holderIdentity === '' ? undefined : (lease?.spec?.holderIdentity ?? undefined);
      }
      const set = readJournal(bench.journal()).entries.findLast((entry) => entry.type === 'LeaseSet');
      return set?.type === 'LeaseSet' ? set.holder : undefined;
    },
  });
  return self;
}
