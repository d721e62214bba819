import { PortError } from '../../ports/errors.ts';
import type { Guest, GuestEvent, GuestId, Guests, GuestSample, GuestSpec, GuestState } from '../../ports/guests.ts';
import type { StartToken } from '../../ports/arbiter.ts';
import { behaviourOf, busyMs, touchedBytes, type GuestBehaviour } from './behaviour.ts';
import { checkRoom, storeKeyOf, volumeBytes } from './datastores.ts';
import { newGuestRun, type GuestRun } from './guest-run.ts';
import { hardwareOf, runningMachine, type Machine, type Stream, type WorldCore } from './machine.ts';
import { checkOwn, transferMs, voidedBy, wake } from './memory-files.ts';
import type { GuestNics } from './network/guest-nic.ts';
import { forgetPorts, guestRuns, guestStands } from './network/hooks.ts';
import { guestStopped } from './protection/ends.ts';
import { checkFit, checkToken, guestOf, record, wrongState } from './records.ts';
import { guestsOn } from './state.ts';
import { announceBoot } from './switch-over.ts';

/** The hypervisor of a simulated host. */
export function guestsPort(core: WorldCore, host: string): Guests {
  return {
    list: async () => list(core, runningMachine(core, host)),
    start: (spec, token) => start(core, host, spec, token),
    stop: (id, how) => stop(core, host, id, how),
    suspend: (id) => suspend(core, host, id),
    resume: (id, token) => resume(core, host, id, token),
    wake: (spec, from, token) => {
      const runs = (machine: Machine): void => run(core, machine, spec, 0, core.network.asleep.get(spec.vm.uid));
      return wake(core, host, { spec, from, token, run: runs });
    },
    sample: async () => sample(core, runningMachine(core, host)),
    events: (signal) => runningMachine(core, host).events.read(signal),
  };
}

function list(core: WorldCore, machine: Machine): Guest[] {
  return [...guestsOn(core.state, machine.name)].map(([id, { spec, state, startedAt }]) => ({
    spec,
    state,
    startedAt,
    heartbeat: heartbeat(machine.runs.get(id)),
    work: Math.floor((machine.runs.get(id)?.elapsed() ?? 0) / requestEveryMs),
  }));
}

/** A guest that works writes to its disk so often, by its own time, milliseconds. */
const requestEveryMs = 100;

function heartbeat(run: GuestRun | undefined): Guest['heartbeat'] {
  if (run === undefined || run.hangs()) return 'Silent';
  return run.elapsed() < run.bootMs ? 'Booting' : 'Beating';
}

async function start(core: WorldCore, host: string, spec: GuestSpec, token: StartToken): Promise<void> {
  const machine = runningMachine(core, host);
  checkToken(spec, token);
  if (guestsOn(core.state, host).has(spec.id)) throw new PortError('Exists', `guest ${spec.id} is on host ${host} already`);
  for (const disk of spec.disks) volumeBytes(core, machine, disk.volume);
  checkFit(core, machine, spec);
  const durable = record(core, machine, spec, { type: 'GuestStarted', spec, ...voidedBy(core, machine, spec) });
  run(core, machine, spec, hardwareOf(core, host).guestBootMs);
  await durable;
}

/** @param nics what its memory says of them; absent: nothing, it boots. */
function run(core: WorldCore, machine: Machine, spec: GuestSpec, bootMs: number, nics?: GuestNics): void {
  const past = { spec, behaviour: behaviourIn(core, spec), bootMs, ...(nics === undefined ? {} : { nics }) };
  const guest = newGuestRun(past, core.runtime.clock);
  core.network.asleep.delete(spec.vm.uid);
  if (machine.hung) guest.hang(machine);
  machine.runs.set(spec.id, guest);
  machine.events.push({ id: spec.id, type: 'Started' });
  guestRuns(core, machine, guest);
  void announceBoot(core, machine, guest);
}

function behaviourIn({ settings }: WorldCore, { vm }: GuestSpec): GuestBehaviour {
  return settings.behaviours[`${vm.namespace}/${vm.name}`] ?? behaviourOf(vm.uid);
}

async function stop(core: WorldCore, host: string, id: GuestId, how: 'ShutDown' | 'PowerOff'): Promise<void> {
  const machine = runningMachine(core, host);
  const guest = machine.runs.get(id);
  // One that hangs does not hear that it should shut down: this waits until it does, or somebody cuts its power.
  if (how === 'ShutDown' && guest !== undefined) await guest.reach(guest.elapsed() + core.settings.shutDownMs);
  const there = guestsOn(core.state, host).get(id);
  // It ended while it was waited for; what runs under its id by now was started later, and nobody asked it to stop.
  const later = machine.runs.get(id);
  if (there === undefined || (guest !== undefined && later !== undefined && later !== guest)) return core.settled();
  const stream = machine.outgoing.get(id);
  if (stream?.isNeeded() === true) await untilNotNeeded(core, host, id, stream);
  await forget(core, machine, id);
}

/**
 * A guest whose memory is to follow it stays until that is there. While nobody has said that it was handed over, whoever stops it may know so:
 * the target has a while to say so too.
 */
async function untilNotNeeded(core: WorldCore, host: string, id: GuestId, stream: Stream): Promise<void> {
  const state = (): GuestState | undefined => guestsOn(core.state, host).get(id)?.state;
  if (state() === 'Paused') await Promise.race([stream.over, core.runtime.clock.sleep(core.settings.migrationTimeoutMs)]);
  if (state() === 'Moved') await stream.over;
}

async function forget(core: WorldCore, machine: Machine, id: GuestId): Promise<void> {
  const there = guestsOn(core.state, machine.name).get(id);
  if (there === undefined) return core.settled();
  const durable = record(core, machine, there.spec, { type: 'GuestStopped' });
  endRun(core, machine, id, 'Stopped');
  await durable;
}

function endRun(core: WorldCore, machine: Machine, id: GuestId, type: GuestEvent['type']): void {
  guestStopped(machine, id);
  for (const runs of [machine.runs, machine.standing]) {
    const run = runs.get(id);
    if (run === undefined) continue;
    run.end();
    runs.delete(id);
    guestStands(core, machine, run);
  }
  forgetPorts(core, machine, id);
  machine.events.push({ id, type });
  const ended = `guest ${id} ended on host ${machine.name}`;
  machine.outgoing.get(id)?.sourceGone(new PortError('NotFound', ended));
  machine.incoming.get(id)?.targetGone(new PortError('Unreachable', ended));
}

async function suspend(core: WorldCore, host: string, id: GuestId): Promise<void> {
  const machine = runningMachine(core, host);
  const there = guestOf(core, host, id);
  const { spec, state } = there;
  if (state === 'Suspended') return core.settled();
  if (state !== 'Running') throw wrongState(host, there);
  if (machine.protected.has(id)) throw new PortError('WrongState', `guest ${id} on host ${host} is protected, and runs`);
  if (machine.incoming.get(id)?.isNeeded() === true)
    throw new PortError('WrongState', `not all of the memory of guest ${id} is on host ${host} yet`);
  const memoryStore = storeKeyOf(machine, spec.memoryFile.datastore);
  const guest = machine.runs.get(id);
  checkRoom(core, memoryStore, spec.memoryFile.volume, spec.memoryBytes);
  await core.runtime.clock.sleep(transferMs(core, spec));
  if (machine.runs.get(id) !== guest) {
    if (guestOf(core, host, id).state === 'Suspended') return core.settled();
    throw new PortError('NotFound', `guest ${id} ended before its memory was written`);
  }
  checkRoom(core, memoryStore, spec.memoryFile.volume, spec.memoryBytes);
  const durable = record(core, machine, spec, { type: 'GuestSuspended', memoryStore });
  if (guest !== undefined) core.network.asleep.set(spec.vm.uid, guest.nics);
  endRun(core, machine, id, 'Suspended');
  await durable;
}

async function resume(core: WorldCore, host: string, id: GuestId, token: StartToken): Promise<void> {
  const machine = runningMachine(core, host);
  const { boot } = machine;
  const there = guestOf(core, host, id);
  const { spec, state } = there;
  checkToken(spec, token);
  if (state === 'Running') return core.settled();
  if (state !== 'Suspended') throw wrongState(host, there);
  checkOwn(core, there.memoryStore, spec);
  checkFit(core, machine, spec);
  await core.runtime.clock.sleep(transferMs(core, spec));
  if (machine.boot !== boot) throw new PortError('Failed', `host ${host} lost its power`);
  if (guestOf(core, host, id).state === 'Running') return core.settled();
  checkOwn(core, there.memoryStore, spec);
  checkFit(core, machine, spec);
  const durable = record(core, machine, spec, { type: 'GuestResumed' });
  run(core, machine, spec, 0, core.network.asleep.get(spec.vm.uid));
  await durable;
}

/** What each guest took since the last sample. When together they want more than the host has, each gets its share. */
function sample(core: WorldCore, machine: Machine): GuestSample[] {
  const monotonic = core.runtime.clock.monotonic();
  const wanted = [...machine.runs.values()].map((guest) => {
    const elapsed = guest.elapsed();
    const span = Math.max(1, monotonic - guest.sampled.monotonic);
    const milliCores = (1000 * guest.spec.cores * busyMs(guest.behaviour, guest.sampled.elapsed, elapsed)) / span;
    guest.sampled = { elapsed, monotonic };
    return { id: guest.spec.id, milliCores, memoryBytes: touchedBytes(guest.behaviour, guest.spec.memoryBytes, elapsed) };
  });
  const total = wanted.reduce((sum, { milliCores }) => sum + milliCores, 0);
  const share = Math.min(1, (1000 * hardwareOf(core, machine.name).cores) / Math.max(1, total));
  return wanted.map((item) => ({ ...item, milliCores: Math.round(item.milliCores * share) }));
}
