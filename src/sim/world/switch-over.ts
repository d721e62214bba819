/** The moments of a move at which a guest's processors stop on one host or go on. Each is one entry in the journal. */
import type { GuestSpec } from '../../ports/guests.ts';
import { newGuestRun, type GuestRun } from './guest-run.ts';
import type { Machine, WorldCore } from './machine.ts';
import { forgetPorts, guestBooted, guestRuns, guestStands, portsLeft } from './network/hooks.ts';
import { record, unheard } from './records.ts';

/** Why a guest stands still on either side while nobody has said where it goes on. */
const switchingOver: object = { reason: 'a switch-over' };

export function pauseHere(core: WorldCore, machine: Machine, run: GuestRun): void {
  const { spec } = run;
  run.hang(switchingOver);
  run.slow(1);
  machine.runs.delete(spec.id);
  machine.standing.set(spec.id, run);
  guestStands(core, machine, run);
  unheard(record(core, machine, spec, { type: 'GuestPaused' }));
  machine.events.push({ id: spec.id, type: 'Paused' });
}

/** A guest that is paused goes on where it was. */
export function goOnHere(core: WorldCore, machine: Machine, spec: GuestSpec): Promise<void> {
  const durable = record(core, machine, spec, { type: 'GuestWentOn' });
  awaken(core, machine, spec);
  machine.events.push({ id: spec.id, type: 'WentOn' });
  return durable;
}

/** A guest that is paused will not run here again. */
export function handOverHere(core: WorldCore, machine: Machine, spec: GuestSpec): Promise<void> {
  const durable = record(core, machine, spec, { type: 'GuestMoved' });
  machine.standing.get(spec.id)?.end();
  machine.standing.delete(spec.id);
  portsLeft(core, machine, spec.id);
  machine.events.push({ id: spec.id, type: 'Moved' });
  return durable;
}

/** All that a guest needs to go on has come from where it stands still as `run`. */
export function receiveHere(core: WorldCore, machine: Machine, spec: GuestSpec, run: GuestRun): void {
  const { behaviour, bootMs, nics } = run;
  // Neither host hangs at a moment at which something arrives.
  const causes = run.causes();
  const arrival = newGuestRun({ spec, behaviour, bootMs, nics, elapsed: run.elapsed(), causes }, core.runtime.clock);
  machine.standing.set(spec.id, arrival);
  unheard(record(core, machine, spec, { type: 'GuestReceived' }));
  machine.events.push({ id: spec.id, type: 'Received' });
}

/** What had come is worth nothing, since its guest went on where it was. */
export function forgetArrival(core: WorldCore, machine: Machine, spec: GuestSpec): void {
  machine.standing.get(spec.id)?.end();
  machine.standing.delete(spec.id);
  forgetPorts(core, machine, spec.id);
  unheard(record(core, machine, spec, { type: 'GuestPrepared', spec }));
  machine.events.push({ id: spec.id, type: 'Incoming' });
}

/** A guest that was received runs. */
export function activateArrival(core: WorldCore, machine: Machine, spec: GuestSpec): Promise<void> {
  const durable = record(core, machine, spec, { type: 'GuestActivated' });
  const run = awaken(core, machine, spec);
  machine.events.push({ id: spec.id, type: 'Activated' });
  if (run !== undefined && run.elapsed() < run.bootMs) void announceBoot(core, machine, run);
  machine.incoming.get(spec.id)?.arrived();
  return durable;
}

/** Memory of the guest that is elsewhere will never come. */
export function loseHere(core: WorldCore, machine: Machine, spec: GuestSpec): void {
  for (const runs of [machine.runs, machine.standing]) {
    const run = runs.get(spec.id);
    if (run === undefined) continue;
    run.end();
    runs.delete(spec.id);
    guestStands(core, machine, run);
  }
  forgetPorts(core, machine, spec.id);
  unheard(record(core, machine, spec, { type: 'GuestLost' }));
  machine.events.push({ id: spec.id, type: 'MemoryLost' });
}

/** Says so when the guest has booted. */
export async function announceBoot(core: WorldCore, machine: Machine, run: GuestRun): Promise<void> {
  if (!(await run.reach(run.bootMs))) return;
  machine.events.push({ id: run.spec.id, type: 'Booted' });
  guestBooted(core, machine, run);
}

function awaken(core: WorldCore, machine: Machine, { id }: GuestSpec): GuestRun | undefined {
  const run = machine.standing.get(id);
  if (run === undefined) return undefined;
  machine.standing.delete(id);
  machine.runs.set(id, run);
  run.recover(switchingOver);
  guestRuns(core, machine, run);
  return run;
}
