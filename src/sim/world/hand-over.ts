/** The end of a transfer: the guest stands still, the agent says whose the VM is, and it runs on one side or the other. */
import { messageOf } from '../../base/errors.ts';
import { PortError } from '../../ports/errors.ts';
import type { GuestSpec, GuestState } from '../../ports/guests.ts';
import type { Left } from './copy.ts';
import { carry, carryWord, say, type Course } from './course.ts';
import type { Machine, WorldCore } from './machine.ts';
import { carryPorts } from './network/hooks.ts';
import { checkToken } from './records.ts';
import { guestsOn } from './state.ts';
import { activateArrival, forgetArrival, goOnHere, handOverHere, loseHere, pauseHere, receiveHere } from './switch-over.ts';

/** Pauses the guest and sends what the target needs to go on. When that fails nobody has been asked yet: the guest goes on here. */
export async function standStill(course: Course, arrival: GuestSpec, { after, atOnce }: Left): Promise<void> {
  const { core, run, source, target } = course;
  pauseHere(core, source, run);
  course.pausedAt = core.runtime.clock.monotonic();
  say(course, { stage: 'SwitchingOver', postCopy: after !== undefined, throttledPercent: 0 });
  try {
    await core.runtime.clock.sleep(core.settings.switchOverMs);
    await carry(course, atOnce, () => undefined);
    carryPorts(core, { machine: source, id: run.spec.id }, { machine: target.machine, id: arrival.id });
    receiveHere(core, target.machine, arrival, run);
  } catch (error) {
    stay(course);
    throw error;
  }
  course.remainingBytes = after ?? 0;
}

/**
 * Settles when the VM is the target's.
 * @param elsewhere settles when the guest runs at the target already, and rejects when it is not paused here any more.
 * @throws what `switchOver` said, NotHolder, or what became of the source.
 */
export async function decide(course: Course, arrival: GuestSpec, elsewhere: Promise<unknown>): Promise<void> {
  const ask = async (): Promise<void> => {
    checkToken(arrival, await course.options.switchOver());
  };
  course.asked = true;
  try {
    await Promise.race([ask(), elsewhere]);
  } catch (error) {
    if (here(course) === 'Paused' && there(course, arrival) === 'Running') return;
    stay(course);
    tidyArrival(course, arrival);
    throw error;
  }
}

/** From here on the source never runs it again. */
export async function finish(course: Course, arrival: GuestSpec, { after }: Left): Promise<void> {
  const { core, source, spec } = course;
  if (here(course) === undefined && after !== undefined) throw lost(course, arrival, 'it was stopped before it was sent');
  if (here(course) !== 'Paused') throw new PortError('WrongState', `guest ${spec.id} is not paused any more`);
  const durable = handOverHere(core, source, spec);
  await deliver(course, arrival, after);
  if (after !== undefined) await follow(course, arrival, after);
  await durable;
  say(course, { stage: 'Done' });
}

/** Takes the token to the target, where the guest runs then. Before post-copy the target can do without: its agent can activate what is there. */
async function deliver(course: Course, arrival: GuestSpec, after: number | undefined): Promise<void> {
  const { core, target } = course;
  if (there(course, arrival) === 'Running') return;
  try {
    await carryWord(course);
  } catch (error) {
    if (after !== undefined || there(course, arrival) === undefined) throw lost(course, arrival, error);
    return;
  }
  if (there(course, arrival) === 'Received') await activateArrival(core, target.machine, arrival);
}

async function follow(course: Course, arrival: GuestSpec, bytes: number): Promise<void> {
  say(course, { stage: 'Arriving' });
  try {
    await carry(course, bytes, (left, rate) => (rate > 0 ? (left * 1000) / rate : undefined));
  } catch (error) {
    throw lost(course, arrival, error);
  }
}

/** The guest is dead wherever it is. */
function lost(course: Course, arrival: GuestSpec, why: unknown): PortError {
  const { core, target } = course;
  const state = there(course, arrival);
  if (state === 'Received' || state === 'Running') loseHere(core, target.machine, arrival);
  return new PortError('MemoryLost', `the memory of guest ${arrival.id} did not arrive on host ${target.machine.name}: ${messageOf(why)}`);
}

/** Where it is paused still, it goes on. */
function stay(course: Course): void {
  const { core, source, spec } = course;
  if (here(course) === 'Paused') goOnHere(core, source, spec).catch(() => undefined);
}

/** What the target has after the source was not left: worth nothing when its guest went on there, or when its memory was to follow. */
function tidyArrival(course: Course, arrival: GuestSpec): void {
  const { core, said, source, target } = course;
  if (there(course, arrival) !== 'Received') return;
  const wentOn = here(course) === 'Running';
  if (wentOn && core.linked(source, target.machine)) forgetArrival(core, target.machine, arrival);
  else if (!wentOn && said.postCopy) loseHere(core, target.machine, arrival);
}

function here({ core, source, spec }: Course): GuestState | undefined {
  return stateOn(core, source, spec);
}

function there({ core, target }: Course, arrival: GuestSpec): GuestState | undefined {
  return stateOn(core, target.machine, arrival);
}

function stateOn(core: WorldCore, machine: Machine, { id }: GuestSpec): GuestState | undefined {
  return guestsOn(core.state, machine.name).get(id)?.state;
}
