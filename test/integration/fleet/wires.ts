/** Hosts with agents and switches, and no operator: instances are made by hand. */
import assert from 'node:assert/strict';
import { runAgent } from '../../../src/agent/agent.ts';
import { DistributedSwitch } from '../../../src/api/distributed-switch.ts';
import type { SwitchConfiguration } from '../../../src/api/effective-port.ts';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { HostUsage } from '../../../src/api/host-usage.ts';
import { Host, type HostSwitchStatus } from '../../../src/api/host.ts';
import { PortGroup } from '../../../src/api/port-group.ts';
import { guestFinalizer, VirtualMachineInstance, type InstanceNetwork } from '../../../src/api/virtual-machine-instance.ts';
import type { ApiRequest, ControlPlane } from '../../../src/meta/control-plane.ts';
import { ConnectionLost } from '../../../src/meta/control-plane.ts';
import { Namespace } from '../../../src/meta/core.ts';
import type { HostPort } from '../../../src/ports/host-port.ts';
import type { Switching } from '../../../src/ports/switching.ts';
import { aCluster, anInstance, aVm } from '../../builders/objects.ts';
import { simulationBench, type SimulationBench } from '../simulation/bench.ts';

const by = { fieldManager: 'person' };

export interface WiredHosts extends SimulationBench {
  /** What each agent asked of its host, in turn: `rack-1 apply prod shop/web.eth0`, `rack-1 start web`. */
  readonly done: string[];
  /** The host's port, beside its agent. */
  port(host: string): HostPort;
  applied(host: string): Promise<SwitchConfiguration>;
  /** A life of the VM `name` with one NIC. */
  makeInstance(
    name: string,
    host: string,
    network?: Partial<InstanceNetwork>,
    spec?: Partial<VirtualMachineInstance['spec']>,
  ): Promise<VirtualMachineInstance>;
  instance(name: string): Promise<VirtualMachineInstance | undefined>;
  /** Waits until its Ready condition has that reason. */
  untilReason(name: string, reason: string): Promise<void>;
  setSwitch(name: string, spec: object): Promise<void>;
  setGroup(name: string, spec: object): Promise<void>;
  answer(host: string, answers: Record<string, string>): Promise<void>;
  switchOf(host: string, name?: string): Promise<HostSwitchStatus | undefined>;
  usage(host: string): Promise<HostUsage | undefined>;
  /** Writes of agents about their switches since it was asked last. */
  told(): string[];
}

export interface WiredOptions {
  readonly hosts?: number;
  /** Faults of a host's own. */
  readonly spoilt?: (host: string, switching: Switching) => Partial<Switching>;
  /** Whether the host reaches the API with that request. */
  readonly reaches?: (host: string, port: HostPort, request: ApiRequest) => Promise<boolean> | boolean;
}

export const prod = { hostSelector: {}, uplinks: { ports: ['uplink1'] } };
export const web = { switch: 'prod', namespaceSelector: {}, vlan: { id: 10 } };

export async function wiredHosts({ hosts = 1, spoilt = () => ({}), reaches = () => true }: WiredOptions = {}): Promise<WiredHosts> {
  const done: string[] = [];
  const bench = await simulationBench(({ name, port, controlPlane, runtime }) => {
    const through: ControlPlane = async (request, signal) => {
      if (!(await reaches(name, port, request))) throw new ConnectionLost('no way');
      return controlPlane(request, signal);
    };
    return runAgent({ nodeName: name, host: noted(name, port, spoilt(name, port.switching), done), controlPlane: through, runtime });
  });
  const { person, during } = bench;
  for (const name of ['hypersphere-system', 'shop']) await during(person.apply(Namespace, { name }, {}, by));
  await during(person.apply(HostCluster, { name: 'main' }, { spec: aCluster().spec }, by));
  const at: WiredHosts = {
    ...bench,
    done,
    port: (host) => bench.world().hostPort(host),
    applied: (host) => during(bench.world().hostPort(host).switching.applied()),
    makeInstance: (name, host, network = {}, more = {}) => {
      const nic = { name: 'eth0', port: `${name}.eth0`, switch: 'prod', portGroup: 'web', blocked: false };
      const spec = { networks: [{ ...nic, macAddress: '02:00:00:00:00:01', addresses: ['10.0.10.7'], ...network }], disks: [], ...more };
      const draft = anInstance(aVm(name), host, { spec });
      const metadata = { name, namespace: 'shop', finalizers: [guestFinalizer] };
      return during(person.create(VirtualMachineInstance, { apiVersion: draft.apiVersion, kind: draft.kind, metadata, spec: draft.spec }));
    },
    instance: (name) => during(person.get(VirtualMachineInstance, { namespace: 'shop', name })),
    untilReason: (name, reason) =>
      bench.until(
        async () => (await at.instance(name))?.status.conditions?.some((one) => one.type === 'Ready' && one.reason === reason) === true,
      ),
    setSwitch: async (name, spec) => {
      await during(person.apply(DistributedSwitch, { name }, { spec }, by));
    },
    setGroup: async (name, spec) => {
      await during(person.apply(PortGroup, { name }, { spec }, by));
    },
    answer: async (name, answers) => {
      await during(person.apply(Host, { name }, { spec: { answers } }, by));
    },
    switchOf: async (host, name = 'prod') =>
      (await during(person.get(Host, { name: host })))?.status.switches?.find((one) => one.name === name),
    usage: (name) => during(person.get(HostUsage, { name })),
    told: () => bench.writes.splice(0).filter((write) => write.endsWith('hypersphere-agent-switches')),
  };
  await bench.makePool('rack', hosts);
  for (let index = 1; index <= hosts; index++) await at.answer(`rack-${String(index)}`, { uplink1: 'eth1' });
  await at.setSwitch('prod', prod);
  await at.setGroup('web', web);
  for (let index = 1; index <= hosts; index++) await bench.until(async () => (await at.switchOf(`rack-${String(index)}`))?.ready === true);
  return at;
}

function noted(host: string, port: HostPort, spoilt: Partial<Switching>, done: string[]): HostPort {
  const { guests, switching, moves } = port;
  return {
    ...port,
    moves: {
      prepare: (spec) => {
        done.push(`${host} prepare ${spec.vm.name}`);
        return moves.prepare(spec);
      },
      send: (id, to, options) => moves.send(id, to, options),
      activate: (id, token) => moves.activate(id, token),
      goOn: (id, token) => moves.goOn(id, token),
    },
    guests: {
      list: () => guests.list(),
      start: (spec, token) => {
        done.push(`${host} start ${spec.vm.name}`);
        return guests.start(spec, token);
      },
      stop: (id, how) => guests.stop(id, how),
      suspend: (id) => guests.suspend(id),
      resume: (id, token) => guests.resume(id, token),
      wake: (spec, from, token) => guests.wake(spec, from, token),
      sample: () => guests.sample(),
      events: (signal) => guests.events(signal),
    },
    switching: {
      apply: (configuration) => {
        done.push(
          ['', ...configuration.switches.map(({ name }) => name), ...configuration.ports.map(({ id }) => id)]
            .reduce((line, word) => `${line} ${word}`, `${host} apply`)
            .replace('  ', ' '),
        );
        return (spoilt.apply ?? ((one) => switching.apply(one)))(configuration);
      },
      applied: () => switching.applied(),
      counters: () => (spoilt.counters ?? (() => switching.counters()))(),
      resume: (id, counters) => {
        done.push(`${host} resume ${id} ${String(counters.receivedFrames)}`);
        return switching.resume(id, counters);
      },
      check: (name) => (spoilt.check ?? ((one) => switching.check(one)))(name),
    },
  };
}

/** The line of `done` that begins so, and where it stands. */
export function at(done: readonly string[], line: string): number {
  const index = done.findIndex((one) => one.startsWith(line));
  assert.ok(index >= 0, `${line} is not among ${done.join('; ')}`);
  return index;
}
