import type { SettingRef } from '../../api/setting.ts';
import type { DatastoreSpec } from '../../ports/datastores.ts';
import { PortError } from '../../ports/errors.ts';
import type { Protection, ProtectionOptions } from '../../ports/fault-tolerance.ts';
import type { GuestEvent, GuestId } from '../../ports/guests.ts';
import type { SimulatedHost, WorldFault } from '../../ports/world.ts';
import type { Runtime } from '../../base/runtime.ts';
import type { JournalEvent } from '../journal.ts';
import { broadcast, type Broadcast } from './channel.ts';
import type { GuestRun } from './guest-run.ts';
import type { Life } from './life.ts';
import type { Contents } from './disk/content.ts';
import type { Flows } from './flows.ts';
import { newLink, type Link } from './link.ts';
import type { Network } from './network/network.ts';
import type { WorldSettings } from './settings.ts';
import type { WorldState } from './state.ts';

/** What every part of the world works with. */
export interface WorldCore {
  readonly runtime: Runtime;
  readonly settings: WorldSettings;
  readonly state: WorldState;
  readonly machines: Map<string, Machine>;
  /** Guests that are protected, each with the one that stands by for it, in the order in which that began. */
  readonly pairs: Set<ProtectedPair>;
  /** What guests wrote to volumes; it does not outlive this process. */
  readonly contents: Contents;
  /** The network over which guests move. */
  readonly flows: Flows;
  /** The network of guests. */
  readonly network: Network;
  /** Whether hypervisors of both reach each other now. */
  linked(one: Machine, other: Machine): boolean;
  /** Lets it happen: at once for everybody to see; settles when it is durable. Whoever acknowledges it waits for that. */
  commit(event: JournalEvent): Promise<void>;
  /** Settles when all that has happened by now is durable. For those who tell what they found without changing it. */
  settled(): Promise<void>;
  /** Says that something about the host changed. */
  changed(host: string): void;
}

/** An agent that runs on a host. */
export interface AgentProcess {
  readonly life: Life;
  /** Asks it to end; settles when it has, or its time is over. Then it is dead. */
  stop(withinMs: number): Promise<void>;
}

/** A guest's memory on its way from one hypervisor to another, as both ends have it. */
export interface Stream {
  /** The guest at the source went on, ended, or is dead: nothing more comes from there. */
  sourceGone(reason: PortError): void;
  /** Nobody waits at the target any more. */
  targetGone(reason: PortError): void;
  /** The guest runs at the target. */
  arrived(): void;
  /** The target has been, or is being, given the VM, and needs memory that is at the source alone. */
  isNeeded(): boolean;
  /** Settles when nothing of the source is needed any more, or nothing can be helped. */
  readonly over: Promise<void>;
}

/** A guest that is protected and the one that stands by for it, as their hosts have them. */
export interface ProtectedPair {
  /** What the host can do, or whom it reaches, has changed. */
  changed(host: Machine): void;
}

/** A guest that is protected, or stands by, as its host has it. */
export interface ProtectedEnd {
  protection(): Protection;
  /** It is to be protected by `peer`, and is already. @throws {PortError} WrongState: not so. */
  again(peer: GuestId, options: ProtectionOptions): void;
  /** The guest was stopped: its host still says so to the other side. */
  stopped(): void;
  /** The host lost its power, and nobody is told. */
  died(): void;
  /** The primary runs on without a shadow. Settles when that is durable. */
  goAlone(): Promise<void>;
  /** The shadow runs. @returns for how long it had stood still, milliseconds, when that is durable. @throws {PortError} WrongState: from nothing. */
  goLive(): Promise<number>;
}

/** A host in its rack, as long as this process lives. */
export interface Machine {
  readonly name: string;
  powered: boolean;
  /** Its BMC keeps it off. */
  heldOff: boolean;
  /** The piece of the management network that it is in; that of the operators has no name. */
  segment: string;
  /** It has booted, and its agent may run. */
  up: boolean;
  /** Counts the times that its power went or came; tells whoever waited that the machine is another by now. */
  boot: number;
  /** Wall clock of its last boot. */
  bootedAt: number;
  /** A UUID for each boot, as Linux has. */
  bootId: string;
  /** Everything on it stands still. */
  hung: boolean;
  /** How many faults of each kind are on. */
  readonly faults: Map<WorldFault['type'], number>;
  /** The datastores that its agent told it of. */
  readonly attached: Map<string, DatastoreSpec>;
  /** The guests whose processors run. */
  readonly runs: Map<GuestId, GuestRun>;
  /** The guests that stand still for a switch-over, paused or received. */
  readonly standing: Map<GuestId, GuestRun>;
  /** The streams that go out, by the guest here. */
  readonly outgoing: Map<GuestId, Stream>;
  /** The last stream that came in, by the guest here. */
  readonly incoming: Map<GuestId, Stream>;
  readonly events: Broadcast<GuestEvent>;
  /** Those that are protected here, or protect, by the guest here. */
  readonly protected: Map<GuestId, ProtectedEnd>;
  /** For how long each shadow that went live here had stood still, milliseconds. */
  readonly wentLive: Map<GuestId, number>;
  /** What changes about those that are protected here, or protect. */
  readonly protections: Broadcast<Protection>;
  /** Settings that were written, whoever wrote them. */
  readonly settings: Broadcast<SettingRef>;
  /** That something around it may have changed. */
  readonly surroundings: Broadcast<'Changed'>;
  /** Its way to the API. */
  readonly management: Link;
  agent: AgentProcess | undefined;
}

export function newMachine(name: string): Machine {
  return {
    name,
    powered: false,
    heldOff: false,
    segment: '',
    up: false,
    boot: 0,
    bootedAt: 0,
    bootId: '',
    hung: false,
    faults: new Map(),
    attached: new Map(),
    runs: new Map(),
    standing: new Map(),
    outgoing: new Map(),
    incoming: new Map(),
    events: broadcast(),
    protected: new Map(),
    wentLive: new Map(),
    protections: broadcast(),
    settings: broadcast(),
    surroundings: broadcast(),
    management: newLink(),
    agent: undefined,
  };
}

export function hasFault(machine: Machine, type: WorldFault['type']): boolean {
  return (machine.faults.get(type) ?? 0) > 0;
}

/** @throws {PortError} NotFound. */
export function machineOf(core: WorldCore, host: string): Machine {
  const machine = core.machines.get(host);
  if (machine === undefined) throw new PortError('NotFound', `there is no host ${host}`);
  return machine;
}

/** @throws {PortError} NotFound. */
export function hardwareOf(core: WorldCore, host: string): SimulatedHost {
  const hardware = core.state.hosts.get(host);
  if (hardware === undefined) throw new PortError('NotFound', `there is no host ${host}`);
  return hardware;
}

/** The machine, when it can do something. @throws {PortError} NotFound, Failed. */
export function runningMachine(core: WorldCore, host: string): Machine {
  const machine = machineOf(core, host);
  if (!machine.up) throw new PortError('Failed', `host ${host} is not running`);
  return machine;
}
