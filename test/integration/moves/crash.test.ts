import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { moveBench, type ArbiterKind, type MoveBench, type MoveMode } from './bench.ts';
import type { AgentStep } from './steps.ts';

type Side = 'source' | 'target';

/** A VM that is moved to and fro; each time one agent dies at the next of its steps. */
interface Shuttle {
  readonly at: MoveBench;
  /** The instance that runs, and how many there were. */
  current: string;
  count: number;
  /** How each move ended, and at which steps the agent died. */
  readonly ends: Set<string>;
  readonly steps: Set<string>;
}

const hosts = ['rack-1', 'rack-2'] as const;

function isOfMove({ name }: AgentStep): boolean {
  return !/hypersphere-system|hostusages|\/hosts|inventory|guests\.sample|datastores\.held/.test(name);
}

/** Kills the agent of `host` at its `nth` step from now on. @returns whether it was met. */
function doom({ at, steps }: Shuttle, host: string, nth: number, when: AgentStep['when']): () => boolean {
  let count = 0;
  at.meet = async (step) => {
    if (step.host !== host || step.when !== when || !isOfMove(step) || ++count !== nth) return;
    steps.add(step.name.replace(/^(GET|PUT) .*leases.*/, '$1 lease'));
    const revive = await at.world().inject({ type: 'AgentCrash', host });
    void at.clock.sleep(2000).then(revive);
    await new Promise(() => undefined);
  };
  return () => count >= nth;
}

/** @returns whether the agent had so many steps. */
async function move(shuttle: Shuttle, side: Side, nth: number, when: AgentStep['when'], mode: MoveMode): Promise<boolean> {
  const { at } = shuttle;
  const source = await at.get(shuttle.current);
  const [from, to] = source.spec.nodeName === hosts[0] ? hosts : ([hosts[1], hosts[0]] as const);
  const next = `i${String(++shuttle.count)}`;
  const isMet = doom(shuttle, side === 'source' ? from : to, nth, when);
  await at.make(next, to, source);
  await at.send(shuttle.current, next, mode);
  await at.until(async () => (await endOf(at, shuttle.current, next)) !== undefined);
  shuttle.ends.add((await endOf(at, shuttle.current, next)) ?? '');
  const isMoved = (await at.get(shuttle.current)).status.phase === 'Moved';
  if (!isMoved) await at.patch(shuttle.current, { moveTo: null });
  const old = isMoved ? shuttle.current : next;
  shuttle.current = isMoved ? next : shuttle.current;
  await at.remove(old);
  await at.untilGone(old);
  at.meet = () => Promise.resolve();
  return isMet();
}

async function endOf(at: MoveBench, source: string, target: string): Promise<string | undefined> {
  const { phase, transfer } = (await at.get(source)).status;
  if (phase === 'Moved' && (await at.get(target)).status.phase === 'Running') return 'Moved';
  return transfer?.stage === 'Failed' && phase === 'Running' ? transfer.reason : undefined;
}

const ways: readonly (readonly [ArbiterKind, MoveMode])[] = [
  ['datastore', 'PreCopy'],
  ['datastore', 'PostCopy'],
  ['lease', 'PreCopy'],
];

describe('an agent that dies at any step of a move (rules 1 and 2)', () => {
  for (const [kind, mode] of ways) {
    for (const side of ['source', 'target'] satisfies Side[]) {
      for (const when of ['before', 'after'] satisfies AgentStep['when'][]) {
        test(`the ${side}'s, ${when} the step, ${mode}, arbiter: ${kind}: one guest runs on with its memory, and nothing is left behind`, async () => {
          const at = await moveBench(kind);
          await at.make('i0', 'rack-1');
          await at.untilPhase('i0', 'Running');
          const shuttle: Shuttle = { at, current: 'i0', count: 0, ends: new Set(), steps: new Set() };
          for (let nth = 1; await move(shuttle, side, nth, when, mode); nth++) {
            const { metadata, spec } = await at.get(shuttle.current);
            await at.until(() => Promise.resolve(at.guests().length === 1));
            assert.deepEqual(at.guests(), [`${spec.nodeName} Running`], `step ${String(nth)}`);
            assert.equal(await at.holder(), metadata.uid, `step ${String(nth)}`);
          }
          at.lives();
          assert.equal(at.starts(), 1);
          const handOver = kind === 'lease' ? 'PUT lease' : 'arbiter.handOver';
          const met = side === 'source' ? [handOver, 'guests.stop'] : ['moves.prepare', kind === 'lease' ? 'GET lease' : 'arbiter.holder'];
          for (const step of met) assert.ok(shuttle.steps.has(step), step);
          if (side === 'source' && when === 'before') assert.ok(shuttle.ends.has('Interrupted'));
          await at.stop();
        });
      }
    }
  }
});
