import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { banGlobals } from './globals.ts';
import { notice, recorded } from './hunt.ts';
import { mutants, withoutGuard } from './mutants.ts';
import type { Plan } from './plan.ts';
import { planOf } from './plan-of.ts';
import { newPlayer, type Player } from './players.ts';
import type { Outcome } from './outcome.ts';
import { shrink } from './shrink.ts';
import { story } from './story.ts';

const found = path.join(import.meta.dirname, 'found');
const players: Player[] = [];

async function player(mutant?: string): Promise<Player> {
  const made = await newPlayer(mutant);
  players.push(made);
  return made;
}

/** With all guards; made once, since that takes as long as a play. */
let whole: Promise<Player> | undefined;
function plain(): Promise<Player> {
  return (whole ??= player());
}

after(() => {
  for (const one of players) one.stop();
});

function planIn(file: string): Plan {
  return JSON.parse(readFileSync(path.join(found, file), 'utf8'));
}

function broken({ violations }: Outcome): string[] {
  return violations.map(({ rule, text }) => `rule ${rule}: ${text}`);
}

describe('a seed', () => {
  test('plays the same twice, byte for byte, also after others and with the machine busy', async () => {
    const [one, other] = await Promise.all([plain(), player()]);
    const plan = planOf(4, 'brisk', 3);
    const alone = await one.play({ plan });
    await other.play({ plan: planOf(5, 'brisk', 2) });
    const [busy, again] = await Promise.all([other.play({ plan }), one.play({ plan })]);
    assert.deepEqual([busy.outcome.hash, again.outcome.hash], [alone.outcome.hash, alone.outcome.hash]);
    assert.deepEqual(busy.outcome.met, alone.outcome.met);
    assert.ok(alone.outcome.faults >= 5, `${String(alone.outcome.faults)} faults`);
  });

  test('tells another story than its neighbour', async () => {
    const one = await plain();
    const first = await one.play({ plan: planOf(6, 'brisk', 1) });
    const second = await one.play({ plan: planOf(7, 'brisk', 1) });
    assert.notEqual(first.outcome.hash, second.outcome.hash);
  });
});

describe('the rules', () => {
  for (const scenario of ['brisk', 'switch', 'profiles', 'ft'] as const) {
    test(`hold in a seed of ${scenario}, faults and all`, async () => {
      const { outcome } = await (await plain()).play({ plan: planOf(1, scenario, 5) });
      assert.deepEqual(broken(outcome), []);
    });
  }

  for (const file of readdirSync(found)) {
    test(`hold where they were found broken, by us or by a mutant: ${file}`, async () => {
      const { outcome } = await (await plain()).play({ plan: planIn(file) });
      assert.deepEqual(broken(outcome), []);
    });
  }
});

describe('a guard that is switched off', () => {
  for (const mutant of mutants) {
    test(`${mutant.name}: stands once in ${mutant.file}, and a seed is known that misses it`, () => {
      assert.notEqual(withoutGuard(mutant, readFileSync(path.join(root, mutant.file), 'utf8')), '');
      assert.ok(recorded()[mutant.name] !== undefined, 'npm run simulate -- --mutants --record finds one');
    });
  }

  test('is noticed, shrunk to what matters, and told as a story', async () => {
    const crippled = await player('contradiction-at-once');
    const plan = planIn('two-leaders-host-cluster.json');
    assert.deepEqual(await notice(plan, crippled, plain), { rule: 'storm', isOwn: true });
    const breaks = async (candidate: Plan): Promise<boolean> =>
      (await crippled.play({ plan: candidate })).outcome.violations[0]?.rule === 'storm';
    const smallest = await shrink(plan, breaks, 8);
    assert.ok(smallest.happenings.length < plan.happenings.length);
    const last = await crippled.play({ plan: smallest, lines: 2000 });
    assert.match(story(smallest, last.outcome, last.trace), /Rule storm broke .*\n(.*\n)*.*TwoLeaders/);
    // What breaks a rule with all guards on too has caught nobody.
    assert.deepEqual(await notice(plan, crippled, () => Promise.resolve(crippled)), { rule: 'storm', isOwn: false });
  });
});

describe('while a simulation plays', () => {
  test('what differs from run to run throws, and is there again afterwards', () => {
    const allow = banGlobals();
    try {
      assert.throws(() => Math.random(), /differs from run to run/);
      assert.throws(() => setTimeout(() => undefined, 1), /differs from run to run/);
      assert.throws(() => Date.now(), /ask the Clock/);
      assert.throws(() => new Date(), /ask the Clock/);
      assert.equal(new Date(0).toISOString(), '1970-01-01T00:00:00.000Z');
    } finally {
      allow();
    }
    assert.equal(typeof Math.random(), 'number');
    assert.equal(typeof setTimeout, 'function');
    assert.ok(Date.now() > 0);
  });
});
