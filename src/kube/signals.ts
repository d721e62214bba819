import type { Clock } from '../base/clock.ts';
import { messageOf, Stopped } from '../base/errors.ts';
import { ConnectionLost } from '../meta/control-plane.ts';

/** An abort signal that follows a parent and can also be aborted by itself. */
export interface Branch {
  readonly signal: AbortSignal;
  readonly abort: () => void;
  /** Lets go of the parent. Without it a long-lived parent keeps every branch. */
  readonly release: () => void;
}

/** Given as the reason of an abort, since the usual one is an error with a stack, which costs more than all the rest of an abort. */
const over = 'over';

/** A new branch of `parent`. */
export function branch(parent: AbortSignal): Branch {
  const own = new AbortController();
  const follow = (): void => {
    own.abort(over);
  };
  if (parent.aborted) own.abort(over);
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: own.signal,
    abort: follow,
    release: () => {
      parent.removeEventListener('abort', follow);
    },
  };
}

/** Nobody answered in time. The request may have been carried out. */
export class NoAnswerInTime extends ConnectionLost {
  override name = 'NoAnswerInTime';
}

/**
 * What `run` gives, if it gives it within `ms` milliseconds; its signal is aborted when nobody waits for that any more.
 * Settles in time even when `run` heeds no signal.
 * @throws {NoAnswerInTime} @throws {Stopped} when `parent` is aborted.
 */
export function withDeadline<T>(clock: Clock, ms: number, parent: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (parent.aborted) {
      reject(new Stopped());
      return;
    }
    const work = new AbortController();
    const finish = (): void => {
      parent.removeEventListener('abort', stop);
      cancel();
    };
    const giveUp = (error: Error): void => {
      finish();
      work.abort(over);
      reject(error);
    };
    const stop = (): void => {
      giveUp(new Stopped());
    };
    const cancel = clock.after(ms, () => {
      giveUp(new NoAnswerInTime(`no answer within ${String(ms / 1000)} s`));
    });
    parent.addEventListener('abort', stop, { once: true });
    run(work.signal).then(
      (value) => {
        finish();
        resolve(value);
      },
      (error: unknown) => {
        if (!work.signal.aborted) giveUp(error instanceof Error ? error : new Error(messageOf(error)));
      },
    );
  });
}

/**
 * Gives each chunk of `body` to `take` until the body ends. Settles as soon as `signal` is aborted, whatever the body does, and lets go of the body.
 * @throws {Stopped} @throws what the body or `take` throws.
 */
export async function pump(body: AsyncIterable<Uint8Array>, signal: AbortSignal, take: (chunk: Uint8Array) => void): Promise<void> {
  const reader = body[Symbol.asyncIterator]();
  let interrupt = (): void => undefined;
  const interrupted = (): void => {
    interrupt();
  };
  signal.addEventListener('abort', interrupted, { once: true });
  let ended = false;
  try {
    for (;;) {
      // Not Promise.race: against a promise that lives as long as the stream, each race would leave a reaction behind.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        interrupt = () => {
          reject(new Stopped());
        };
        if (signal.aborted) interrupt();
        else reader.next().then(resolve, reject);
      });
      if (next.done === true) {
        ended = true;
        return;
      }
      take(next.value);
    }
  } finally {
    signal.removeEventListener('abort', interrupted);
    if (!ended) letGo(reader);
  }
}

function letGo(reader: AsyncIterator<Uint8Array>): void {
  // Not awaited: a generator that is waiting for bytes returns only after they have come.
  reader.return?.().then(undefined, () => undefined);
}
