/** One transfer from its begin to its end, and what those outside can do to it meanwhile. */
import { PortError } from '../../ports/errors.ts';
import type { GuestId, GuestSpec } from '../../ports/guests.ts';
import type { Endpoint, MoveOptions, MoveProgress } from '../../ports/moves.ts';
import { copyMemory } from './copy.ts';
import { carryWord, type Course } from './course.ts';
import { decide, finish, standStill } from './hand-over.ts';
import { runningMachine, type Stream, type WorldCore } from './machine.ts';
import { guestOf, wrongState } from './records.ts';
import { guestsOn } from './state.ts';
import { forgetArrival } from './switch-over.ts';

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
  if (source.protected.has(id)) throw new PortError('WrongState', `guest ${id} on host ${host} is protected, and stays`);
  const broken = new AbortController();
  const said = { stage: 'Copying', round: 1, throttledPercent: 0, postCopy: options.mode === 'PostCopy' } as const;
  const bytes = { sentBytes: 0, remainingBytes: guest.spec.memoryBytes, pausedAt: 0, asked: false };
  const target = targetOf(core, to);
  return launch({ core, source, spec: guest.spec, run, options, target, broken: broken.signal, tell, said, ...bytes }, broken);
}

/** @throws {PortError} Unreachable. */
export function targetOf(core: WorldCore, to: Endpoint): Course['target'] {
  const [, host = '', id = ''] = /^simulated:([^/]*)\/(.*)$/.exec(to) ?? [];
  const machine = core.machines.get(host);
  if (machine === undefined) throw new PortError('Unreachable', `there is no host at ${to}`);
  return { machine, id };
}

function launch(course: Course, broken: AbortController): Transfer {
  const { core, source, spec } = course;
  const over = Promise.withResolvers<undefined>();
  const activated = Promise.withResolvers<undefined>();
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  const stop = (reason: PortError): void => {
    broken.abort(reason);
  };
  const stream: Stream = {
    over: over.promise,
    isNeeded: () => course.said.postCopy && course.asked,
    arrived: () => {
      course.said = { ...course.said, downtimeMs: core.runtime.clock.monotonic() - course.pausedAt };
      activated.resolve(undefined);
    },
    targetGone: stop,
    sourceGone: (reason) => {
      stop(reason);
      gone.reject(reason);
    },
  };
  source.outgoing.set(spec.id, stream);
  const result = run(course, stream, Promise.race([activated.promise, gone.promise])).finally(() => {
    over.resolve(undefined);
    if (source.outgoing.get(spec.id) === stream) source.outgoing.delete(spec.id);
  });
  return {
    result,
    cancel: () => {
      if (!course.asked) stop(new PortError('Failed', 'nobody wants the transfer any more'));
    },
  };
}

/** @param elsewhere settles when the guest was activated at the target without a word from here, and rejects when it is not paused here any more. */
async function run(course: Course, stream: Stream, elsewhere: Promise<unknown>): Promise<void> {
  elsewhere.catch(() => undefined);
  const arrival = await connect(course, stream);
  try {
    const left = await copyMemory(course);
    await standStill(course, arrival, left);
    await decide(course, arrival, elsewhere);
    await finish(course, arrival, left);
  } finally {
    const { incoming } = course.target.machine;
    if (incoming.get(arrival.id) === stream) incoming.delete(arrival.id);
  }
}

/** @returns the guest that waits. @throws {PortError} Unreachable, WrongState, or what broke it. */
async function connect(course: Course, stream: Stream): Promise<GuestSpec> {
  const { core, spec, target } = course;
  await carryWord(course);
  const { machine, id } = target;
  const waiting = guestsOn(core.state, machine.name).get(id);
  if (waiting === undefined || (waiting.state !== 'Incoming' && waiting.state !== 'Received'))
    throw new PortError('Unreachable', `no guest waits on host ${machine.name} as ${id}`);
  if (waiting.spec.vm.uid !== spec.vm.uid) throw new PortError('WrongState', `guest ${id} on host ${machine.name} is of another VM`);
  if (machine.protected.has(id)) throw new PortError('WrongState', `guest ${id} on host ${machine.name} stands by for another`);
  machine.incoming.set(id, stream);
  if (waiting.state === 'Received') forgetArrival(core, machine, waiting.spec);
  return waiting.spec;
}
