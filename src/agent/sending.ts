/** Sends one guest to another host, in the background, and keeps what is to be said of it. */
import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import { messageOf } from '../base/errors.ts';
import { bytes } from '../base/quantity.ts';
import type { StartToken } from '../ports/arbiter.ts';
import { isPortError } from '../ports/errors.ts';
import type { MoveOptions, MoveProgress } from '../ports/moves.ts';
import type { AgentMeans } from './means.ts';
import { handOver } from './hand-over.ts';
import { failedTransfer, newTransfer, transferAt, type MoveTo, type Transfer } from './transfer.ts';
import { reasonOf, type Reason } from './trouble.ts';

/** At most one write in so many milliseconds, and one at each change of stage. */
const sayEveryMs = 5_000;

export interface Sending {
  readonly moveTo: MoveTo;
  /** What the instance's status says. */
  transfer: Transfer;
  /** Why its guest stands still for longer than it should. */
  standing: Reason | undefined;
  isUnderWay: boolean;
  readonly cancelled: AbortController;
  /** Monotonic milliseconds since it is at its stage. */
  since: number;
  /** Settles when no hand-over is under way. */
  deciding: Promise<unknown>;
  /** Settles when it is not under way any more. */
  ended: Promise<void>;
}

/** @param news is called when something is to be said. */
export function beginSending(agent: AgentMeans, instance: VirtualMachineInstance, moveTo: MoveTo, news: () => void): Sending {
  const sending: Sending = {
    moveTo,
    transfer: newTransfer(moveTo, bytes(String(instance.spec.memory.size))),
    standing: undefined,
    isUnderWay: true,
    cancelled: new AbortController(),
    since: agent.runtime.clock.monotonic(),
    deciding: Promise.resolve(),
    ended: Promise.resolve(),
  };
  sending.ended = follow({ agent, instance, sending, news });
  return sending;
}

interface Errand {
  readonly agent: AgentMeans;
  readonly instance: VirtualMachineInstance;
  readonly sending: Sending;
  readonly news: () => void;
}

async function follow(errand: Errand): Promise<void> {
  const { agent, sending, news } = errand;
  let refusal: unknown;
  const switchOver = (): Promise<StartToken> => {
    const deciding = decide(errand);
    sending.deciding = deciding.catch((error: unknown) => {
      refusal = error;
    });
    return deciding;
  };
  const failure = await failureOf(read(errand, switchOver));
  // Who decides knows best, and may not have come to an end.
  await sending.deciding;
  const why = refusal ?? failure;
  if (why !== undefined) sending.transfer = failedTransfer(sending.transfer, wordsFor(why));
  if (why !== undefined) agent.runtime.log.warn('guest not moved', { ...wordsFor(why) });
  sending.isUnderWay = false;
  news();
}

async function failureOf(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @throws what `Moves.send` throws. */
async function read(errand: Errand, switchOver: MoveOptions['switchOver']): Promise<void> {
  const { agent, instance, sending } = errand;
  const { endpoint, mode, bandwidth } = sending.moveTo;
  const limit = bandwidth === undefined ? {} : { bytesPerSecond: Math.max(1, Math.floor(bytes(String(bandwidth)) / 8)) };
  const progress = agent.host.moves.send(instance.metadata.uid, endpoint, { mode, ...limit, switchOver })[Symbol.asyncIterator]();
  const { signal } = sending.cancelled;
  const cancelled = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  const show = shower(errand);
  for (;;) {
    const next = await Promise.race([cancelled, progress.next()]);
    if (next === undefined) await progress.return?.();
    if (next === undefined || next.done === true) return;
    show(next.value);
  }
}

function shower({ agent, sending, news }: Errand): (progress: MoveProgress) => void {
  let shownAt = agent.runtime.clock.monotonic();
  return (progress) => {
    const now = agent.runtime.clock.monotonic();
    if (progress.stage === sending.transfer.stage && now - shownAt < sayEveryMs) return;
    if (progress.stage !== sending.transfer.stage) sending.since = now;
    sending.transfer = transferAt(sending.moveTo, progress);
    shownAt = now;
    news();
  };
}

function decide({ agent, instance, sending, news }: Errand): Promise<StartToken> {
  return handOver({
    agent,
    instance,
    moveTo: sending.moveTo,
    isCancelled: () => sending.cancelled.signal.aborted,
    standing: (reason) => {
      sending.standing = reason;
      news();
    },
  });
}

function wordsFor(error: unknown): Reason {
  if (isPortError(error, 'Unreachable')) return { reason: 'TargetUnreachable', message: error.message };
  return reasonOf(error) ?? { reason: 'Failed', message: messageOf(error) };
}
