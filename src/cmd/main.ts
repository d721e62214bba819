import { messageOf, Stopped, UserError } from '../base/errors.ts';

/**
 * Runs the program: `work` gets a signal that INT, TERM and HUP abort. A second such signal ends the process at once. Mistakes of the person
 * are told in words and end with status 1; anything else that is thrown is a defect, and shows its stack.
 */
export async function main(work: (stopping: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  let asked = 0;
  const stop = (): void => {
    asked += 1;
    if (asked > 1) process.exit(130);
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  try {
    await work(stopping.signal);
    process.exitCode ??= 0;
  } catch (error) {
    if (error instanceof Stopped && stopping.signal.aborted) return;
    process.exitCode = 1;
    const words = error instanceof UserError ? messageOf(error) : error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${words}\n`);
  } finally {
    // Whatever still waits on a socket or timer must not keep a program that is done.
    setTimeout(() => process.exit(), 2_000).unref();
  }
}
