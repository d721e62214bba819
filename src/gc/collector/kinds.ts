import { messageOf, Stopped } from '../../base/errors.ts';
import { discover, servedOf, type Served } from '../discovery.ts';
import type { GcContext } from '../context.ts';

/** What the server serves, kept up to date. */
export interface Kinds {
  readonly served: () => Served;
  /** It may have changed: look soon. */
  readonly hint: () => void;
  /** Looks again and again, until the process stops. */
  run(): Promise<void>;
}

const rounds = {
  /** Definitions come in bunches: one look for all. */
  gather: 300,
  /** A definition is served a moment after it is seen. */
  confirm: 3_000,
  idle: 60_000,
  failed: 5_000,
} as const;

/** @param changed called when what is served has changed; the first time too. */
export function kinds({ bare, runtime }: GcContext, changed: (served: Served) => void): Kinds {
  let served = servedOf([]);
  let known = '';
  let wake = (): void => undefined;
  let hinted = false;

  const look = async (): Promise<boolean> => {
    try {
      const found = await discover(bare.requester, runtime.stopping);
      const print = printOf(found);
      if (print !== known) {
        served = found;
        known = print;
        changed(found);
      }
      return true;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      runtime.log.warn('discovery failed', { error: messageOf(error) });
      return false;
    }
  };
  const rest = async (ms: number): Promise<void> => {
    if (hinted) return;
    const sleep = new AbortController();
    const stop = (): void => {
      sleep.abort();
    };
    wake = stop;
    runtime.stopping.addEventListener('abort', stop, { once: true });
    try {
      await runtime.clock.sleep(ms, sleep.signal);
    } catch {
      // Somebody gave a hint.
    } finally {
      runtime.stopping.removeEventListener('abort', stop);
    }
  };
  const gather = async (): Promise<void> => {
    if (hinted) await runtime.clock.sleep(rounds.gather, runtime.stopping);
  };
  return {
    served: () => served,
    hint() {
      hinted = true;
      wake();
    },
    async run() {
      while (!runtime.stopping.aborted) {
        const wasHinted = hinted;
        hinted = false;
        const ok = await look();
        await rest(ok ? (wasHinted ? rounds.confirm : rounds.idle) : rounds.failed);
        await gather();
      }
    },
  };
}

function printOf({ resources }: Served): string {
  return JSON.stringify(
    resources.map(({ group, version, plural, kind, namespaced, verbs }) => [group, version, plural, kind, namespaced, ...verbs]),
  );
}
