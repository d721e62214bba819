import { hasFault, machineOf, type Machine, type WorldCore } from './machine.ts';

/** What a host does now that others could notice. */
export interface Senses {
  /** Its agent beats on the management network. */
  readonly beats: boolean;
  /** It answers there, agent or not. */
  readonly pings: boolean;
  /** Something on it beats on a shared datastore: not its agent, so that a crash of that stops nothing. */
  readonly stores: boolean;
  /** It runs no guest. */
  readonly idle: boolean;
  /** The piece of the management network that it is in: who is in another hears nothing of it. */
  readonly segment: string;
  /** Whether its agent hears others. */
  hearsPeers(): boolean;
}

/** Undefined: there is no such host. */
export function sensesOf(core: WorldCore, host: string): Senses | undefined {
  const machine = core.machines.get(host);
  if (machine === undefined) return undefined;
  const pings = machine.up && !machine.hung;
  const segment = segmentOf(machine);
  const isNear = (other: Machine): boolean => other !== machine && beats(other) && segmentOf(other) === segment;
  return {
    beats: beats(machine),
    pings,
    stores: pings && !hasFault(machine, 'StoragePartition') && attachesShared(machine),
    idle: machine.runs.size + machine.standing.size === 0,
    segment,
    hearsPeers: () => [...core.machines.values()].some(isNear),
  };
}

function beats(machine: Machine): boolean {
  return machine.up && !machine.hung && machine.agent !== undefined;
}

/** One that is cut off is in a piece of its own. */
function segmentOf(machine: Machine): string {
  return machine.management.broken() ? `alone ${machine.name}` : machine.segment;
}

function attachesShared(machine: Machine): boolean {
  return [...machine.attached.values()].some(({ type }) => type === 'SharedDirectory');
}

/** Lets the management network fall into pieces: these hosts are in the one of that name; the one of the operators has none. */
export function moveToSegment(core: WorldCore, hosts: readonly string[], segment: string): void {
  for (const host of hosts) machineOf(core, host).segment = segment;
  for (const [host, machine] of core.machines) {
    machine.surroundings.push('Changed');
    core.changed(host);
  }
}
