/** What the journal and the state say of guests: for all that let guests come, go and move. */
import type { Baseline } from '../../api/cpu.ts';
import type { StartToken } from '../../ports/arbiter.ts';
import { PortError } from '../../ports/errors.ts';
import type { GuestId, GuestSpec } from '../../ports/guests.ts';
import type { SimulatedHost } from '../../ports/world.ts';
import type { JournalEvent } from '../journal.ts';
import { hardwareOf, type Machine, type WorldCore } from './machine.ts';
import { guestsOn, type GuestRecord } from './state.ts';

type GuestEventOf<E> = E extends { readonly instance: GuestId } ? Omit<E, 'host' | 'incarnation' | 'vm' | 'instance'> : never;

/** Lets it happen to a guest of the machine. Settles when it is durable. */
export function record(core: WorldCore, machine: Machine, spec: GuestSpec, what: GuestEventOf<JournalEvent>): Promise<void> {
  const incarnation = core.state.agents.get(machine.name) ?? 0;
  return core.commit({ ...what, host: machine.name, incarnation, vm: spec.vm.uid, instance: spec.id });
}

/** @throws {PortError} NotFound. */
export function guestOf(core: WorldCore, host: string, id: GuestId): GuestRecord {
  const guest = guestsOn(core.state, host).get(id);
  if (guest === undefined) throw new PortError('NotFound', `there is no guest ${id} on host ${host}`);
  return guest;
}

/** @throws {PortError} NotHolder. */
export function checkToken(spec: GuestSpec, token: StartToken): void {
  if (token.vm !== spec.vm.uid || token.holder !== spec.id)
    throw new PortError('NotHolder', `VM ${spec.vm.namespace}/${spec.vm.name} is held by ${token.holder}, not by ${spec.id}`);
}

/** The level of what has never been said. */
const usualBaseline: Baseline = 'x86-64-v3';

export function baselineOf({ baseline = usualBaseline }: SimulatedHost): Baseline {
  return baseline;
}

/** A guest must not see what its host cannot do: it would die of it. */
function checkFeatures(hardware: SimulatedHost, { baseline }: GuestSpec): void {
  const has = baselineOf(hardware);
  if (baseline !== undefined && levelOf(baseline) > levelOf(has))
    throw new PortError('LacksFeatures', `the guest is to see ${baseline}, the processors of host ${hardware.name} have ${has}`);
}

function levelOf(baseline: Baseline): number {
  return Number(baseline.slice(-1));
}

/** Whatever is neither on disk nor dead has its memory. @throws {PortError} NoRoom, LacksFeatures. */
export function checkFit(core: WorldCore, machine: Machine, spec: GuestSpec): void {
  const hardware = hardwareOf(core, machine.name);
  checkFeatures(hardware, spec);
  const { cores, memoryBytes } = hardware;
  if (spec.cores > cores) throw new PortError('NoRoom', `the guest wants ${String(spec.cores)} processors, the host has ${String(cores)}`);
  let left = memoryBytes;
  for (const { spec: other, state } of guestsOn(core.state, machine.name).values())
    if (state !== 'Suspended' && state !== 'Stopped') left -= other.memoryBytes;
  if (spec.memoryBytes > left)
    throw new PortError('NoRoom', `the guest wants ${String(spec.memoryBytes)} bytes of memory, the host has ${String(left)} left`);
}

export function wrongState(host: string, { spec, state }: GuestRecord): PortError {
  return new PortError('WrongState', `guest ${spec.id} on host ${host} is ${state}`);
}

/** Nobody waits for it to be durable: whoever waits for what comes after it waits for it too. */
export function unheard(durable: Promise<void>): void {
  durable.catch(() => undefined);
}
