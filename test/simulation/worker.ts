/** A process that plays what it is sent: `worker.ts [MUTANT]`. What it loads of the project lacks that mutant's guard. */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { mutants, withoutGuard, type Mutant } from './mutants.ts';
import type { Plan } from './plan.ts';
import type { Outcome } from './outcome.ts';

const root = path.join(import.meta.dirname, '../..');

export interface Order {
  readonly plan: Plan;
  /** Also send the lines of the trace: the last so many. */
  readonly lines?: number;
  /** Write the whole trace there. */
  readonly file?: string;
}

export interface Played {
  readonly outcome: Outcome;
  readonly cpuSeconds: number;
  /** What the process has in its heap afterwards. */
  readonly keptBytes: number;
  readonly trace: readonly string[];
}

function switchOff(mutant: Mutant): void {
  const target = pathToFileURL(path.join(root, mutant.file)).href;
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      if (url !== target) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      return { ...loaded, source: withoutGuard(mutant, source) };
    },
  });
}

const wanted = process.argv[2];
const mutant = mutants.find(({ name }) => name === wanted);
if (wanted !== undefined && mutant === undefined) throw new Error(`there is no mutant ${wanted}`);
if (mutant !== undefined) switchOff(mutant);

// Only now, so that they come without the guard.
const { closeSync, openSync, writeSync } = await import('node:fs');
const { play } = await import('./play.ts');
const { beginningWith } = await import('./api-process.ts');
const { manifestsIn } = await import('../../src/cmd/install.ts');
const beginning = await beginningWith(await manifestsIn(path.join(root, 'crds')));

let unhandled: string | undefined;
process.on('unhandledRejection', (reason) => {
  unhandled ??= reason instanceof Error ? reason.message : String(reason);
});

async function obey({ plan, lines = 0, file }: Order): Promise<Played> {
  const trace: string[] = [];
  const out = file === undefined ? undefined : openSync(file, 'w');
  const tell = (line: string): void => {
    if (out !== undefined) writeSync(out, `${line}\n`);
    if (lines === 0) return;
    trace.push(line);
    if (trace.length > 2 * lines) trace.splice(0, trace.length - lines);
  };
  unhandled = undefined;
  const before = process.cpuUsage();
  const outcome = await play(plan, { beginning, ...(lines > 0 || out !== undefined ? { tell } : {}) });
  const { user, system } = process.cpuUsage(before);
  if (out !== undefined) closeSync(out);
  const { heapUsed: keptBytes } = process.memoryUsage();
  return { outcome: withUnhandled(outcome), cpuSeconds: (user + system) / 1e6, keptBytes, trace: trace.slice(-lines) };
}

/** A promise that nobody waits for has failed: in a process on a machine that would be its end. */
function withUnhandled(outcome: Outcome): Outcome {
  if (unhandled === undefined) return outcome;
  const violation = {
    rule: 'defect',
    text: `a rejection that nobody handled: ${unhandled}`,
    atMs: outcome.simulatedMs,
    line: outcome.lines,
  };
  return { ...outcome, violations: [...outcome.violations, violation] };
}

process.on('message', (order: Order) => {
  void obey(order).then((played) => process.send?.(played));
});
process.on('disconnect', () => {
  process.exit();
});
process.send?.('ready');
