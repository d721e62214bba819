import { constants } from 'node:os';
import { messageOf, Stopped, UserError } from '../base/errors.ts';

/** The program was told to stop before it had begun: there is nothing to end in good order. */
class Interrupted extends Error {
  override name = 'Interrupted';
}

/**
 * Runs the program: `work` gets a signal that INT, TERM and HUP abort. A second such signal ends the process at once. Mistakes of the person
 * are told in words and end with status 1; anything else that is thrown is a defect, and shows its stack.
 */
export async function main(work: (stopping: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  let first: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (first !== undefined) endBy(signal);
    first = signal;
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  try {
    await work(stopping.signal);
    process.exitCode ??= 0;
  } catch (error) {
    if (error instanceof Interrupted && first !== undefined) endBy(first);
    if (error instanceof Stopped && stopping.signal.aborted) return;
    process.exitCode = 1;
    const words = error instanceof UserError ? messageOf(error) : error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${words}\n`);
  } finally {
    // Whatever still waits on a socket or timer must not keep a program that is done.
    setTimeout(() => process.exit(), 2_000).unref();
  }
}

/**
 * Waits for the first steps of a program, which may take long or for ever (a large store, a network file system that does not answer). A signal
 * ends the program there and then.
 */
export async function interruptible<T>(stopping: AbortSignal, starting: Promise<T>): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    const interrupt = (): void => {
      reject(new Interrupted('interrupted'));
    };
    if (stopping.aborted) interrupt();
    else stopping.addEventListener('abort', interrupt, { once: true });
  });
  interrupted.catch(() => undefined);
  return Promise.race([starting, interrupted]);
}

/** As the signal does where nobody listens: `process.exit` would wait for threads that are stuck in the file system. */
function endBy(signal: NodeJS.Signals): never {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container is deaf to what it does not listen for.
  process.exit(128 + constants.signals[signal]);
}
