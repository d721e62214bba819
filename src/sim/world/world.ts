import { equal } from '../../base/equal.ts';
import type { Disk } from '../../base/disk.ts';
import type { Runtime } from '../../base/runtime.ts';
import { PortError } from '../../ports/errors.ts';
import type { HostPort } from '../../ports/host-port.ts';
import type { Power } from '../../ports/power.ts';
import type { SimulatedHost, World, WorldTruth } from '../../ports/world.ts';
import type { JournalEntry } from '../journal.ts';
import { launchAgent, type AgentMaker } from './agent-process.ts';
import { powerPort } from './bmc.ts';
import { datastoresPort } from './datastores.ts';
import { begin } from './faults.ts';
import { newFlows } from './flows.ts';
import { guestsPort } from './guests.ts';
import { settingsPort } from './host-settings/port.ts';
import { openJournal, type Journal } from './journal-file.ts';
import { hardwareOf, newMachine, runningMachine, type Machine, type WorldCore } from './machine.ts';
import { movesPort } from './moves.ts';
import type { GuestNic } from './network/guest-nic.ts';
import type { GuestDisk } from './disk/guest-disk.ts';
import { hardwareChanged } from './network/hooks.ts';
import { newNetwork } from './network/network.ts';
import type { Outsider, OutsiderSpec } from './network/outside.ts';
import { surroundingsPort } from './surroundings.ts';
import { switchingPort } from './network/switching.ts';
import { capacityOf, isCutOff } from './nic.ts';
import { cutPower, settleMachine } from './power.ts';
import { protectionPort } from './protection/port.ts';
import { diskOf, reachOf, runOf, type GuestReach, type VmName } from './reach.ts';
import { baselineOf } from './records.ts';
import { moveToSegment, sensesOf, type Senses } from './senses.ts';
import { defaultSettings, type WorldSettings } from './settings.ts';
import { apply, emptyState, guestsOn, type WorldState } from './state.ts';

export interface WorldOptions extends AgentMaker {
  readonly runtime: Runtime;
  /** Holds `world.log`. It must be this process's. */
  readonly disk: Disk;
  readonly settings?: Partial<WorldSettings>;
}

/** What the simulation knows of its hosts besides what every driver of a world may ask. */
export interface SimulatedWorld extends World {
  /** The host as its agent has it, but with a life of its own: it is there for tests. */
  hostPort(host: string): HostPort;
  /** A network interface of what runs of a VM now, as its guest has it. */
  nic(vm: VmName, nic: string): GuestNic | undefined;
  /** A disk of what runs of a VM now, as its guest has it. */
  disk(vm: VmName, disk: string): GuestDisk | undefined;
  /** What runs of a VM now, as somebody outside would look for it. */
  reach(vm: VmName): GuestReach | undefined;
  /** Somebody on the physical network who is no guest. */
  outsider(spec: OutsiderSpec): Outsider;
  /** The host in its rack, cheap to ask for. */
  hostState(host: string): HostState | undefined;
  /** What the host does that others could notice. */
  senses(host: string): Senses | undefined;
  /** Lets the management network fall into pieces: these hosts are in the one of that name; that of the operators is ''. */
  moveToSegment(hosts: readonly string[], segment: string): void;
  /** The BMCs of all hosts. */
  readonly power: Power;
  /** The hosts that were made and not removed, by this process or an earlier one, as they were last made. */
  remembered(): ReadonlyMap<string, SimulatedHost>;
  /** Stops all agents and closes the journal. */
  close(): Promise<void>;
}

export interface HostState {
  readonly hardware: SimulatedHost;
  /** It has power, has booted, and does not hang. */
  readonly running: boolean;
  /** It reaches the API server. */
  readonly connected: boolean;
  readonly agentRunning: boolean;
  /** A UUID for each boot. */
  readonly bootId: string;
}

/**
 * The world as its journal left it: volumes, leases and memory files are there; whatever ran has lost its power. Hosts come with `ensure`.
 * @throws {UserError} when the journal is damaged.
 */
export async function simulatedWorld(options: WorldOptions): Promise<SimulatedWorld> {
  const { runtime, disk } = options;
  const { entries, journal } = await openJournal(disk, runtime);
  const state = emptyState();
  for (const entry of entries) apply(state, entry);
  const handlers = new Set<(host: string) => void>();
  const core = newCore(options, state, journal, (host) => {
    for (const handler of handlers) handler(host);
  });
  await core.commit({ type: 'WorldStarted', incarnation: state.incarnation + 1 });
  return worldOver(core, options, journal, (handler) => {
    handlers.add(handler);
    return () => void handlers.delete(handler);
  });
}

function newCore(options: WorldOptions, state: WorldState, journal: Journal, changed: (host: string) => void): WorldCore {
  const { runtime } = options;
  const settings = { ...defaultSettings, ...options.settings };
  const machines: WorldCore['machines'] = new Map();
  const capacity = (host: string): number => capacityOf(state.hosts.get(host), machines.get(host));
  let last: Promise<void> = Promise.resolve();
  return {
    runtime,
    settings,
    state,
    machines,
    pairs: new Set(),
    contents: new Map(),
    flows: newFlows({ runtime, capacity, isCut: (host, use) => isCutOff(machines.get(host), use), timeoutMs: settings.migrationTimeoutMs }),
    network: newNetwork(runtime, settings.fabric),
    linked: (...both) => both.every((one) => capacity(one.name) > 0 && !isCutOff(one, undefined)),
    commit: (event) => {
      const entry: JournalEntry = { at: runtime.clock.now(), ...event };
      apply(state, entry);
      last = journal.write(entry);
      if ('instance' in event) changed(event.host);
      return last;
    },
    settled: () => last,
    changed,
  };
}

function worldOver(core: WorldCore, maker: AgentMaker, journal: Journal, onChange: World['onChange']): SimulatedWorld {
  const settle = (machine: Machine): void => {
    settleMachine(core, machine, (of, ended) => launchAgent(core, of, maker, hostPortOf(core, of.name, settle), ended));
  };
  return {
    ensure: async (spec) => {
      await makeHost(core, spec);
      if (core.machines.has(spec.name)) return;
      const machine = newMachine(spec.name);
      core.machines.set(spec.name, machine);
      settle(machine);
    },
    remove: (host) => removeHost(core, host, settle),
    inject: async (fault) => {
      const end = begin(core, fault, settle);
      return () => {
        end();
        return Promise.resolve();
      };
    },
    truth: () => truthOf(core),
    onChange,
    hostPort: (host) => hostPortOf(core, host, settle),
    nic: (vm, nic) => runOf(core, vm)?.run.nics.nic(nic),
    disk: (vm, disk) => diskOf(core, vm, disk),
    reach: (vm) => reachOf(core, vm),
    outsider: (spec) => core.network.outsider(spec),
    hostState: (host) => hostStateOf(core, host),
    senses: (host) => sensesOf(core, host),
    moveToSegment: (hosts, segment) => moveToSegment(core, hosts, segment),
    power: powerPort(core, settle),
    remembered: () => core.state.hosts,
    close: async () => {
      const agents = [...core.machines.values()].flatMap(({ agent }) => (agent === undefined ? [] : [agent]));
      await Promise.all(agents.map((agent) => agent.stop(core.settings.agentStopMs)));
      await journal.close();
    },
  };
}

async function makeHost(core: WorldCore, spec: SimulatedHost): Promise<void> {
  const known = core.state.hosts.get(spec.name);
  if (known !== undefined && equal(known, spec)) return core.settled();
  const { name: host, ...hardware } = spec;
  const durable = core.commit({ type: 'HostMade', host, ...hardware });
  core.flows.changed();
  const machine = core.machines.get(host);
  if (machine !== undefined) hardwareChanged(core, machine);
  await durable;
}

async function removeHost(core: WorldCore, host: string, settle: (machine: Machine) => void): Promise<void> {
  const machine = core.machines.get(host);
  if (machine === undefined) return;
  checkEmpty(core, host);
  await machine.agent?.stop(core.settings.agentStopMs);
  machine.agent = undefined;
  try {
    checkEmpty(core, host);
  } catch (error) {
    settle(machine);
    throw error;
  }
  cutPower(core, machine);
  core.machines.delete(host);
  core.network.remove(host);
  const durable = core.commit({ type: 'HostRemoved', host });
  core.changed(host);
  await durable;
}

function checkEmpty(core: WorldCore, host: string): void {
  const guests = guestsOn(core.state, host).size;
  if (guests > 0) throw new PortError('WrongState', `host ${host} has ${String(guests)} guests`);
}

function hostPortOf(core: WorldCore, host: string, settle: (machine: Machine) => void): HostPort {
  return {
    guests: guestsPort(core, host),
    datastores: datastoresPort(core, host),
    moves: movesPort(core, host),
    protection: protectionPort(core, host),
    switching: switchingPort(core, host),
    settings: settingsPort(core, host, settle),
    surroundings: surroundingsPort(core, host),
    inventory: async () => {
      const { bootedAt, bootId } = runningMachine(core, host);
      const hardware = hardwareOf(core, host);
      return { cores: hardware.cores, memoryBytes: hardware.memoryBytes, baseline: baselineOf(hardware), bootedAt, bootId };
    },
  };
}

function hostStateOf(core: WorldCore, host: string): HostState | undefined {
  const machine = core.machines.get(host);
  if (machine === undefined) return undefined;
  return {
    hardware: hardwareOf(core, host),
    running: machine.up && !machine.hung,
    connected: !machine.management.broken(),
    agentRunning: machine.agent !== undefined,
    bootId: machine.bootId,
  };
}

function truthOf(core: WorldCore): WorldTruth {
  const hosts = [...core.machines.values()].map((machine) => {
    const guests = [...guestsOn(core.state, machine.name)].map(([id, { spec, state }]) => {
      const { uid, namespace, name } = spec.vm;
      return { id, vm: uid, namespace, name, state };
    });
    const agentRunning = machine.agent !== undefined;
    const reachable = agentRunning && !machine.hung && !machine.management.broken();
    return { name: machine.name, powered: machine.powered, agentRunning, reachable, guests };
  });
  const volumes = [...core.state.stores.values()].flatMap(({ key, volumes: inside }) =>
    [...inside].map(([volume, bytes]) => ({ ...key, volume, bytes })),
  );
  return { hosts, volumes };
}
