import type { Clock } from '../../base/clock.ts';
import { Stopped } from '../../base/errors.ts';
import { silentLog, type Log } from '../../base/log.ts';
import type { Life } from './life.ts';

/** What the dead get from every call: something that can be called, iterated and awaited, and from which nothing ever comes. */
const nothing: object = new Proxy(() => undefined, { get: () => nothing, apply: () => nothing });

/**
 * `port` as the process with this life has it: its calls settle later while the process hangs, and never once it is dead. For any object
 * whose methods return promises, async iterables, or objects of the same make.
 */
export function guarded<T extends object>(port: T, life: Life): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member === 'function')
        return (...values: unknown[]): unknown => (life.dead() ? nothing : guardedCall(() => Reflect.apply(member, target, values), life));
      return typeof member === 'object' && member !== null ? guarded(member, life) : member;
    },
  });
}

function guardedCall(call: () => unknown, life: Life): unknown {
  const result = call();
  if (result instanceof Promise) return life.run(() => result);
  if (isAsyncIterable(result)) return life.iterate(result);
  return typeof result === 'object' && result !== null ? guarded(result, life) : result;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The clock of a process: its sleeps end with it, unnoticed. */
export function guardedClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        life.step(() => {
          if (signal?.aborted === true) {
            reject(new Stopped());
            return;
          }
          const stop = (): void => {
            cancel();
            life.step(() => {
              reject(new Stopped());
            });
          };
          const cancel = guardedAfter(clock, life, ms, () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          });
          signal?.addEventListener('abort', stop, { once: true });
        });
      }),
    after: (ms, act) => guardedAfter(clock, life, ms, act),
  };
}

function guardedAfter(clock: Clock, life: Life, ms: number, act: () => void): () => void {
  if (life.dead()) return () => undefined;
  let waiting = true;
  const cancel = clock.after(ms, () => {
    forget();
    life.step(() => {
      if (waiting) act();
    });
  });
  const forget = life.onEnd(cancel);
  return () => {
    waiting = false;
    cancel();
    forget();
  };
}

/** The reason of an abort that nobody asks for the reason of: the usual one is an error with a stack, made anew for each. */
const over = 'over';

/** A signal that is aborted when one of `sources` is, until unlinked. */
export function linkedSignal(...sources: readonly (AbortSignal | undefined)[]): {
  readonly signal: AbortSignal;
  readonly abort: () => void;
  unlink(): void;
} {
  const controller = new AbortController();
  const abort = (): void => controller.abort(over);
  for (const source of sources) {
    if (source?.aborted === true) abort();
    else source?.addEventListener('abort', abort);
  }
  return {
    signal: controller.signal,
    abort,
    unlink: () => {
      for (const source of sources) source?.removeEventListener('abort', abort);
    },
  };
}

/** The log of a process: the dead say nothing. */
export function guardedLog(log: Log, life: Life): Log {
  const voice = (): Log => (life.dead() ? silentLog : log);
  return {
    debug: (message, fields) => voice().debug(message, fields),
    info: (message, fields) => voice().info(message, fields),
    warn: (message, fields) => voice().warn(message, fields),
    error: (message, fields) => voice().error(message, fields),
    child: (fields) => guardedLog(log.child(fields), life),
  };
}
