import { messageOf } from '../../../base/errors.ts';
import { PortError } from '../../../ports/errors.ts';
import type { FaultTolerance, GoneLive, Protection, ProtectionOptions } from '../../../ports/fault-tolerance.ts';
import type { GuestId } from '../../../ports/guests.ts';
import type { Endpoint } from '../../../ports/moves.ts';
import type { StartToken } from '../../../ports/arbiter.ts';
import type { GuestRun } from '../guest-run.ts';
import { runningMachine, type Machine, type WorldCore } from '../machine.ts';
import { checkToken, guestOf, wrongState } from '../records.ts';
import { guestsOn, type GuestRecord } from '../state.ts';
import { forgetArrival } from '../switch-over.ts';
import { targetOf } from '../transfer.ts';
import { register } from './ends.ts';
import { oneWayMs } from './figures.ts';
import { keepInStep } from './in-step.ts';
import { newPair, type Pair } from './pair.ts';
import { inTouch } from './touch.ts';

/** How guests are kept in step with others on a simulated host. */
export function protectionPort(core: WorldCore, host: string): FaultTolerance {
  return {
    protect: (id, to, options) => protect(core, host, { id, to, options }),
    list: async () => {
      const machine = runningMachine(core, host);
      await core.settled();
      return list(machine);
    },
    changes: (signal) => runningMachine(core, host).protections.read(signal),
    goAlone: (id, token) => alone(core, host, id, token),
    goLive: (id, token) => live(core, host, id, token),
  };
}

function list(machine: Machine): Protection[] {
  return [...machine.protected.values()].map((end) => end.protection());
}

interface Wish {
  readonly id: GuestId;
  readonly to: Endpoint;
  readonly options: ProtectionOptions;
}

async function protect(core: WorldCore, host: string, { id, options, to }: Wish): Promise<void> {
  const machine = runningMachine(core, host);
  const { boot } = machine;
  const target = targetOf(core, to);
  if (isProtected(machine, id, target.id, options)) return core.settled();
  const { guest } = fitOf(core, machine, id, options);
  await core.runtime.clock.sleep(2 * oneWayMs);
  // Meanwhile anything may have happened on either side.
  if (machine.boot !== boot) throw new PortError('Failed', `host ${host} lost its power`);
  if (isProtected(machine, id, target.id, options)) return core.settled();
  const { run } = fitOf(core, machine, id, options);
  const waiting = waitingAt(core, target, guest);
  const shadow = { machine: target.machine, spec: waiting.spec };
  const pair = newPair(core, { run, options, primary: { machine, spec: guest.spec }, shadow });
  if (!inTouch(pair)) throw new PortError('Unreachable', `host ${target.machine.name} does not answer`);
  if (waiting.state === 'Shadow') forgetArrival(core, target.machine, waiting.spec);
  begin(pair);
  await core.settled();
}

/** @throws {PortError} WrongState when it is, and otherwise. */
function isProtected(machine: Machine, id: GuestId, peer: GuestId, options: ProtectionOptions): boolean {
  const end = machine.protected.get(id);
  end?.again(peer, options);
  return end !== undefined;
}

/** @throws {PortError} NotFound, WrongState. */
function fitOf(core: WorldCore, machine: Machine, id: GuestId, { mode }: ProtectionOptions): { guest: GuestRecord; run: GuestRun } {
  const guest = guestOf(core, machine.name, id);
  const run = machine.runs.get(id);
  if (guest.state !== 'Running' || run === undefined) throw wrongState(machine.name, guest);
  if (machine.outgoing.has(id) || machine.incoming.get(id)?.isNeeded() === true)
    throw new PortError('WrongState', `guest ${id} on host ${machine.name} is being moved`);
  if (mode === 'Lockstep' && guest.spec.cores > 1)
    throw new PortError('WrongState', `guest ${id} has ${String(guest.spec.cores)} cores: only one can be kept in lockstep`);
  return { guest, run };
}

/** @throws {PortError} Unreachable, WrongState. */
function waitingAt(
  core: WorldCore,
  { id, machine }: { readonly machine: Machine; readonly id: GuestId },
  { spec }: GuestRecord,
): GuestRecord {
  const waiting = guestsOn(core.state, machine.name).get(id);
  if (waiting === undefined || (waiting.state !== 'Incoming' && waiting.state !== 'Shadow'))
    throw new PortError('Unreachable', `no guest waits on host ${machine.name} as ${id}`);
  if (waiting.spec.vm.uid !== spec.vm.uid) throw new PortError('WrongState', `guest ${id} on host ${machine.name} is of another VM`);
  if (machine.protected.has(id) || machine.incoming.has(id))
    throw new PortError('WrongState', `guest ${id} on host ${machine.name} waits for another`);
  return waiting;
}

function begin(pair: Pair): void {
  const { core, primary } = pair;
  register(pair);
  keepInStep(pair).catch((error: unknown) => {
    core.runtime.log.error('a guest is not kept in step any more', { guest: primary.spec.id, error: messageOf(error) });
  });
}

async function alone(core: WorldCore, host: string, id: GuestId, token: StartToken): Promise<void> {
  const machine = runningMachine(core, host);
  const guest = guestOf(core, host, id);
  checkToken(guest.spec, token);
  if (guest.state !== 'Running') throw wrongState(host, guest);
  const end = machine.protected.get(id);
  await (end === undefined ? core.settled() : end.goAlone());
}

async function live(core: WorldCore, host: string, id: GuestId, token: StartToken): Promise<GoneLive> {
  const machine = runningMachine(core, host);
  const guest = guestOf(core, host, id);
  checkToken(guest.spec, token);
  const before = machine.wentLive.get(id);
  if (guest.state === 'Running' && before !== undefined) {
    await core.settled();
    return { blackoutMs: before };
  }
  const end = machine.protected.get(id);
  if (guest.state !== 'Shadow' || end === undefined) throw wrongState(host, guest);
  return { blackoutMs: await end.goLive() };
}
