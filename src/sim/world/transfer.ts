/** The life of one transfer: it reaches the target, copies, switches over, and in post-copy lets the rest follow. */
import { messageOf } from '../../base/errors.ts';
import { PortError } from '../../ports/errors.ts';
import type { GuestId, GuestSpec, GuestState } from '../../ports/guests.ts';
import type { Endpoint, MoveOptions, MoveProgress } from '../../ports/moves.ts';
import { copyMemory } from './copy.ts';
import { carry, say, type Course } from './course.ts';
import { runningMachine, type Machine, type Stream, type WorldCore } from './machine.ts';
import { checkToken, guestOf, wrongState } from './records.ts';
import { guestsOn, type GuestRecord } from './state.ts';
import { activateArrival, forgetArrival, goOnHere, handOverHere, loseHere, pauseHere, receiveHere } from './switch-over.ts';

export interface Transfer {
  /** Settles when it is done. @throws {PortError} as `Moves.send`. */
  readonly result: Promise<void>;
  /** Nobody wants it any more. Once `switchOver` was called it goes on all the same. */
  cancel(): void;
}

export interface TransferSpec {
  readonly id: GuestId;
  readonly to: Endpoint;
  readonly options: MoveOptions;
  readonly tell: (progress: MoveProgress) => void;
}

export function endpointOf(host: string, id: GuestId): Endpoint {
  return `simulated:${host}/${id}`;
}

/** @throws {PortError} NotFound, WrongState, Failed, Unreachable (there is no such host). */
export function beginTransfer(core: WorldCore, host: string, { id, to, options, tell }: TransferSpec): Transfer {
  const source = runningMachine(core, host);
  const guest = guestOf(core, host, id);
  const run = source.runs.get(id);
  if (guest.state !== 'Running' || run === undefined) throw wrongState(host, guest);
  if (source.outgoing.has(id)) throw new PortError('WrongState', `guest ${id} on host ${host} is being sent already`);
  const broken = new AbortController();
  const said = { stage: 'Copying', round: 1, throttledPercent: 0, postCopy: false } as const;
  const bytes = { sentBytes: 0, remainingBytes: guest.spec.memoryBytes, pausedAt: 0 };
  const course: Course = {
    core,
    source,
    spec: guest.spec,
    run,
    options,
    target: targetOf(core, to),
    broken: broken.signal,
    tell,
    said,
    ...bytes,
  };
  return launch(course, broken);
}

function targetOf(core: WorldCore, to: Endpoint): Course['target'] {
  const [, host = '', id = ''] = /^simulated:([^/]*)\/(.*)$/.exec(to) ?? [];
  const machine = core.machines.get(host);
  if (machine === undefined) throw new PortError('Unreachable', `there is no host at ${to}`);
  return { machine, id };
}

/** What those outside can do to a transfer while it is under way. */
interface Reins {
  /** `switchOver` has been called: from then on only what it says, or what happens to the source, decides. */
  asked: boolean;
  readonly stream: Stream;
  readonly activated: Promise<void>;
  readonly sourceGone: Promise<never>;
}

function launch(course: Course, broken: AbortController): Transfer {
  const { source, spec } = course;
  let finish: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  let lose: (reason: PortError) => void = () => undefined;
  const stop = (reason: PortError): void => broken.abort(reason);
  const reins: Reins = {
    asked: false,
    activated: new Promise<void>((resolve) => (arrive = resolve)),
    sourceGone: new Promise<never>((_, reject) => (lose = reject)),
    stream: {
      over: new Promise<void>((resolve) => (finish = resolve)),
      arrived: () => {
        Object.assign(course.said, { downtimeMs: course.core.runtime.clock.monotonic() - course.pausedAt });
        arrive();
      },
      targetGone: (reason) => stop(reason),
      sourceGone: (reason) => {
        stop(reason);
        lose(reason);
      },
    },
  };
  reins.sourceGone.catch(() => undefined);
  source.outgoing.set(spec.id, reins.stream);
  const result = run(course, reins).finally(() => {
    finish();
    if (source.outgoing.get(spec.id) === reins.stream) source.outgoing.delete(spec.id);
  });
  return {
    result,
    cancel: () => {
      if (!reins.asked) stop(new PortError('Failed', 'nobody wants the transfer any more'));
    },
  };
}

async function run(course: Course, reins: Reins): Promise<void> {
  const arrival = await connect(course, reins.stream);
  try {
    const { atOnce, after } = await copyMemory(course);
    await standStill(course, arrival, atOnce);
    await decide(course, reins, arrival);
    await finish(course, arrival, after);
  } finally {
    course.target.machine.incoming.delete(arrival.id);
  }
}

/** A word from one hypervisor to the other. */
const wordBytes = 1024;

/** @returns the guest that waits. @throws {PortError} Unreachable, WrongState, or what broke it. */
async function connect(course: Course, stream: Stream): Promise<GuestSpec> {
  const { core, spec, target } = course;
  await carry(course, wordBytes);
  const { machine, id } = target;
  const waiting = guestsOn(core.state, machine.name).get(id);
  if (waiting === undefined || machine.incoming.has(id) || (waiting.state !== 'Incoming' && waiting.state !== 'Received'))
    throw new PortError('Unreachable', `no guest waits on host ${machine.name} as ${id}`);
  if (waiting.spec.vm.uid !== spec.vm.uid) throw new PortError('WrongState', `guest ${id} on host ${machine.name} is of another VM`);
  machine.incoming.set(id, stream);
  if (waiting.state === 'Received') forgetArrival(core, machine, waiting.spec);
  return waiting.spec;
}

/** Pauses the guest and sends what the target needs to go on. When that fails nobody has been asked yet: the guest goes on here. */
async function standStill(course: Course, arrival: GuestSpec, bytes: number): Promise<void> {
  const { core, run: guest, source, target } = course;
  pauseHere(core, source, guest);
  course.pausedAt = core.runtime.clock.monotonic();
  say(course, { stage: 'SwitchingOver' });
  try {
    await carry(course, bytes);
    receiveHere(core, target.machine, arrival, guest, source);
  } catch (error) {
    stay(course);
    throw error;
  }
}

/** Settles when the VM is the target's. @throws what `switchOver` said, NotHolder, or what became of the source. */
async function decide(course: Course, reins: Reins, arrival: GuestSpec): Promise<void> {
  const { core, options, target } = course;
  const ask = async (): Promise<void> => {
    checkToken(arrival, await options.switchOver());
  };
  reins.asked = true;
  try {
    await Promise.race([ask(), reins.activated, reins.sourceGone]);
  } catch (error) {
    stay(course);
    const left = guestsOn(core.state, target.machine.name).get(arrival.id);
    if (left?.state === 'Received' && core.linked(course.source, target.machine)) forgetArrival(core, target.machine, arrival);
    throw error;
  }
}

/** Where it is paused still, it goes on. */
function stay({ core, source, spec }: Course): void {
  if (stateOf(core, source, spec)?.state === 'Paused') goOnHere(core, source, spec).catch(() => undefined);
}

function stateOf(core: WorldCore, machine: Machine, { id }: GuestSpec): GuestRecord | undefined {
  return guestsOn(core.state, machine.name).get(id);
}

/** From here on the source never runs it again. @param after is what follows when the guest runs at the target; undefined: nothing. */
async function finish(course: Course, arrival: GuestSpec, after: number | undefined): Promise<void> {
  const { core, source, spec } = course;
  const durable = handOverHere(core, source, spec);
  await deliver(course, arrival, after);
  if (after !== undefined) await follow(course, arrival, after);
  await durable;
  say(course, { stage: 'Done' });
}

/** Takes the token to the target, where the guest runs then. Before post-copy the target can do without: its agent can activate what is there. */
async function deliver(course: Course, arrival: GuestSpec, after: number | undefined): Promise<void> {
  const { core, target } = course;
  const state = (): GuestState | undefined => stateOf(core, target.machine, arrival)?.state;
  if (state() === 'Running') return;
  try {
    await carry(course, wordBytes);
  } catch (error) {
    if (after !== undefined || state() === undefined) throw lost(course, arrival, error);
    return;
  }
  if (state() === 'Received') await activateArrival(core, target.machine, arrival);
  if (state() !== 'Running') throw lost(course, arrival, 'it ended at the target');
}

async function follow(course: Course, arrival: GuestSpec, bytes: number): Promise<void> {
  say(course, { stage: 'Arriving' });
  try {
    await carry(course, bytes);
  } catch (error) {
    throw lost(course, arrival, error);
  }
}

/** The guest is dead wherever it is. */
function lost(course: Course, arrival: GuestSpec, why: unknown): PortError {
  const { core, target } = course;
  const state = stateOf(core, target.machine, arrival)?.state;
  if (state === 'Received' || state === 'Running') loseHere(core, target.machine, arrival);
  return new PortError('MemoryLost', `the memory of guest ${arrival.id} did not arrive on host ${target.machine.name}: ${messageOf(why)}`);
}
