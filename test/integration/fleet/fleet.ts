import assert from 'node:assert/strict';
import { runAgent } from '../../../src/agent/agent.ts';
import { FTPair } from '../../../src/api/ft-pair.ts';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { HostProfile } from '../../../src/api/host-profile.ts';
import { kinds } from '../../../src/api/kinds.ts';
import { VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { manifestsIn, type Manifest } from '../../../src/cmd/install.ts';
import { runOperator } from '../../../src/controllers/operator.ts';
import { runGc } from '../../../src/gc/run-gc.ts';
import type { ControlPlane } from '../../../src/meta/control-plane.ts';
import { findCondition, isTrue } from '../../../src/meta/conditions.ts';
import { Namespace } from '../../../src/meta/core.ts';
import type { KubeObject, UnknownObject } from '../../../src/meta/objects.ts';
import { apiVersionOf, type Kind } from '../../../src/meta/resource.ts';
import type { HostPort } from '../../../src/ports/host-port.ts';
import { livesFrom, type GuestLife } from '../../../src/sim/lives.ts';
import { simulationBench, type SimulationBench } from '../simulation/bench.ts';

const by = { fieldManager: 'person' };

/** The whole system in one process on a virtual clock: API server, operator, collector, and hosts with their agents. */
export interface Fleet extends SimulationBench {
  /** The one that leads at first. */
  readonly operator: HeldOperator;
  apply(object: Manifest): Promise<void>;
  /** A VM of namespace `shop`; what `spec` leaves out is small. */
  makeVm(name: string, spec?: object): Promise<void>;
  /** As a person with `kubectl patch --type merge`. */
  patchVm(name: string, spec: object): Promise<void>;
  find(name: string): Promise<VirtualMachine | undefined>;
  vm(name: string): Promise<VirtualMachine>;
  /** The instances of a VM, oldest first. */
  instances(name: string): Promise<readonly VirtualMachineInstance[]>;
  instance(name: string): Promise<VirtualMachineInstance>;
  untilReady(...names: readonly string[]): Promise<void>;
  /** Waits until a condition of the VM is so: `Ready=True Running`. */
  untilSays(name: string, condition: string, limitMs?: number): Promise<void>;
  /** All lives of guests so far. Fails when a VM ran twice at an instant (rule 1). */
  lives(): readonly GuestLife[];
  /** Where guests of that name run in truth, whatever anybody reports. */
  running(name: string): readonly string[];
  /** The volumes there are in truth: `datastore/namespace/vm/disk`. */
  volumes(): readonly string[];
}

/** The condition as `Type=Status Reason`, or nothing. */
export function says(object: KubeObject & { status: { conditions?: VirtualMachine['status']['conditions'] } }, type: string): string {
  const found = findCondition(object.status.conditions, type);
  return found === undefined ? '' : `${found.type}=${found.status} ${found.reason}`;
}

export type Through = (controlPlane: ControlPlane, bench: SimulationBench) => ControlPlane;

/** An operator that can be held still, as a process on a machine that hangs: its calls wait, and go out when it is let go. */
export interface HeldOperator {
  hold(): void;
  letGo(): void;
}

/** @param through wraps the operator's way to the API server. */
export function startOperator(bench: SimulationBench, identity: string, through: Through = (controlPlane) => controlPlane): HeldOperator {
  const reached = through(bench.controlPlane, bench);
  let held = Promise.withResolvers<undefined>();
  held.resolve(undefined);
  const controlPlane: ControlPlane = async (request, signal) => {
    await held.promise;
    return reached(request, signal);
  };
  void runOperator({ controlPlane, runtime: bench.runtime(identity), identity, version: 'test' }).done;
  return {
    hold: () => {
      held = Promise.withResolvers();
    },
    letGo: () => {
      held.resolve(undefined);
    },
  };
}

/** A host's port with faults of its own. */
export type Spoilt = (port: HostPort) => HostPort;

/** Hosts that answer, and the namespaces and HostCluster of the sample shop. @param collecting wraps the collector's way to the API server. */
export async function startFleet(
  hosts: number,
  template: object = {},
  through?: Through,
  spoilt: Spoilt = (port) => port,
  collecting: Through = (controlPlane) => controlPlane,
): Promise<Fleet> {
  return fleetUnder((bench) => startOperator(bench, 'operator', through), hosts, template, spoilt, collecting);
}

/** The same with an operator of the test's own. */
export async function fleetUnder<O extends HeldOperator>(
  operating: (bench: SimulationBench) => O,
  hosts: number,
  template: object = {},
  spoilt: Spoilt = (port) => port,
  collecting: Through = (controlPlane) => controlPlane,
): Promise<Fleet & { readonly operator: O }> {
  const bench = await simulationBench(({ name, port, controlPlane, runtime }) =>
    runAgent({ nodeName: name, host: spoilt(port), controlPlane, runtime }),
  );
  const operator = operating(bench);
  void runGc(collecting(bench.controlPlane, bench), bench.runtime('gc'));
  const fleet = Object.assign(fleetOver(bench, operator), { operator });
  await bench.during(bench.person.apply(Namespace, { name: 'hypersphere-system' }, {}, by));
  // Profiles and pairs are brought by the tests that are about them: they change hosts, and VMs.
  const brought: readonly string[] = [VirtualMachine.kind, HostProfile.kind, FTPair.kind];
  for (const object of await samples()) if (!brought.includes(object.kind)) await fleet.apply(object);
  await bench.makePool('rack', hosts, template);
  await bench.until(() => bench.poolIsReady('rack'));
  return fleet;
}

export function samples(): Promise<Manifest[]> {
  return manifestsIn('manifests/samples');
}

function kindOf(object: Manifest): Kind<UnknownObject> {
  const types = [...kinds, Namespace, HostCluster];
  const found = types.find((kind) => kind.kind === object.kind && apiVersionOf(kind) === object.apiVersion);
  const { group, version, kind, plural, namespaced } = found ?? assert.fail(`no kind ${object.kind}`);
  return { group, version, kind, plural, namespaced };
}

function fleetOver(bench: SimulationBench, operator: HeldOperator): Fleet {
  const { person, during } = bench;
  const fleet: Fleet = {
    ...bench,
    operator,
    apply: async (object) => {
      await during(person.apply(kindOf(object), object.metadata, object, by));
    },
    makeVm: async (name, spec = {}) => {
      const small = { cpu: { cores: 1 }, memory: { size: '1Gi' }, disks: [{ name: 'root', size: '10Gi' }] };
      await during(person.apply(VirtualMachine, { namespace: 'shop', name }, { spec: { ...small, ...spec } }, by));
    },
    patchVm: async (name, spec) => {
      await during(person.patch(VirtualMachine, { namespace: 'shop', name }, { spec }));
    },
    find: (name) => during(person.get(VirtualMachine, { namespace: 'shop', name })),
    vm: async (name) => (await fleet.find(name)) ?? assert.fail(`there is no VM ${name}`),
    instances: async (name) => {
      const { items } = await during(person.list(VirtualMachineInstance, { namespace: 'shop' }));
      return items.filter(({ spec }) => spec.virtualMachine === name).sort((a, b) => a.spec.incarnation - b.spec.incarnation);
    },
    instance: async (name) => {
      const [first, ...others] = await fleet.instances(name);
      assert.equal(others.length, 0, `${name} has more than one instance`);
      return first ?? assert.fail(`${name} has no instance`);
    },
    untilReady: async (...names) => {
      for (const name of names) await bench.until(async () => isTrue((await fleet.vm(name)).status.conditions, 'Ready'));
    },
    untilSays: async (name, condition, limitMs) => {
      const type = condition.slice(0, condition.indexOf('='));
      await bench.until(async () => says(await fleet.vm(name), type) === condition, limitMs);
    },
    lives: () => {
      const { violations, lives } = livesFrom(bench.journal());
      assert.deepEqual(violations, []);
      return lives;
    },
    running: (name) => {
      const { hosts } = bench.world().truth();
      return hosts.filter((host) => host.guests.some((guest) => guest.name === name && guest.state === 'Running')).map((host) => host.name);
    },
    volumes: () => {
      const { volumes } = bench.world().truth();
      return volumes.map(({ datastore, volume }) => `${datastore}/${volume}`).sort();
    },
  };
  return fleet;
}
