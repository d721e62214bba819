import type { Log } from '../base/log.ts';
import type { Runtime } from '../base/runtime.ts';
import { systemClock } from './clock.ts';
import { pinoLog } from './log.ts';
import { systemRandom } from './random.ts';

/** What this process has of the machine. Each line of its log says `id`. */
export function systemRuntime(id: string, stopping: AbortSignal, log: Log = pinoLog()): Runtime {
  return { id, clock: systemClock(), random: systemRandom(), log: log.child({ id }), stopping };
}
