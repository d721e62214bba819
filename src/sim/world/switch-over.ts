/** The moments of a move at which a guest's processors stop on one host or go on. Each is one entry in the journal. */
import type { GuestSpec } from '../../ports/guests.ts';
import { newGuestRun, type GuestRun } from './guest-run.ts';
import type { Machine, WorldCore } from './machine.ts';
import { record } from './records.ts';

/** Why a guest stands still on either side while nobody has said where it goes on. */
const switchingOver: object = { reason: 'a switch-over' };

export function pauseHere(core: WorldCore, machine: Machine, run: GuestRun): void {
  const { spec } = run;
  run.hang(switchingOver);
  run.slow(1);
  machine.runs.delete(spec.id);
  machine.standing.set(spec.id, run);
  unheard(record(core, machine, spec, { type: 'GuestPaused' }));
  machine.events.push({ id: spec.id, type: 'Paused' });
}

/** A guest that is paused goes on where it was. */
export function goOnHere(core: WorldCore, machine: Machine, spec: GuestSpec): Promise<void> {
  const durable = record(core, machine, spec, { type: 'GuestWentOn' });
  awaken(machine, spec);
  machine.events.push({ id: spec.id, type: 'WentOn' });
  return durable;
}

/** A guest that is paused will not run here again. */
export function handOverHere(core: WorldCore, machine: Machine, spec: GuestSpec): Promise<void> {
  const durable = record(core, machine, spec, { type: 'GuestMoved' });
  machine.standing.get(spec.id)?.end();
  machine.standing.delete(spec.id);
  machine.events.push({ id: spec.id, type: 'Moved' });
  return durable;
}

/** All that a guest needs to go on has come from where it stands still as `run`. */
export function receiveHere(core: WorldCore, machine: Machine, spec: GuestSpec, run: GuestRun): void {
  const { behaviour, bootMs } = run;
  // Neither host hangs at a moment at which something arrives.
  const causes = run.causes();
  const arrival = newGuestRun({ spec, behaviour, bootMs, elapsed: run.elapsed(), causes }, core.runtime.clock);
  machine.standing.set(spec.id, arrival);
  unheard(record(core, machine, spec, { type: 'GuestReceived' }));
  machine.events.push({ id: spec.id, type: 'Received' });
}

/** What had come is worth nothing, since its guest went on where it was. */
export function forgetArrival(core: WorldCore, machine: Machine, spec: GuestSpec): void {
  machine.standing.get(spec.id)?.end();
  machine.standing.delete(spec.id);
  unheard(record(core, machine, spec, { type: 'GuestPrepared', spec }));
  machine.events.push({ id: spec.id, type: 'Incoming' });
}

/** A guest that was received runs. */
export function activateArrival(core: WorldCore, machine: Machine, spec: GuestSpec): Promise<void> {
  const durable = record(core, machine, spec, { type: 'GuestActivated' });
  const run = awaken(machine, spec);
  machine.events.push({ id: spec.id, type: 'Activated' });
  if (run !== undefined && run.elapsed() < run.bootMs) void announceBoot(machine, run);
  machine.incoming.get(spec.id)?.arrived();
  return durable;
}

/** Memory of the guest that is elsewhere will never come. */
export function loseHere(core: WorldCore, machine: Machine, spec: GuestSpec): void {
  for (const runs of [machine.runs, machine.standing]) {
    runs.get(spec.id)?.end();
    runs.delete(spec.id);
  }
  unheard(record(core, machine, spec, { type: 'GuestLost' }));
  machine.events.push({ id: spec.id, type: 'MemoryLost' });
}

/** Says so when the guest has booted. */
export async function announceBoot(machine: Machine, run: GuestRun): Promise<void> {
  if (await run.reach(run.bootMs)) machine.events.push({ id: run.spec.id, type: 'Booted' });
}

function awaken(machine: Machine, { id }: GuestSpec): GuestRun | undefined {
  const run = machine.standing.get(id);
  if (run === undefined) return undefined;
  machine.standing.delete(id);
  machine.runs.set(id, run);
  run.recover(switchingOver);
  return run;
}

/** Nobody waits for it to be durable: whoever waits for what comes after it waits for it too. */
function unheard(durable: Promise<void>): void {
  durable.catch(() => undefined);
}
