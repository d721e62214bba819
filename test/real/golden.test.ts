// The golden files of the differential suite are what a real control plane answers today: each group is played afresh, on one of its own.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { differences, toldOf } from '../differential/compare.ts';
import { readGolden } from '../differential/golden-file.ts';
import { groups } from '../differential/groups/index.ts';
import { playGroup } from '../differential/play-group.ts';
import { realStage } from '../differential/real.ts';
import type { ScenarioShape } from '../differential/normalise.ts';
import type { Group } from '../differential/scenario.ts';
import type { Stage } from '../differential/stage.ts';

/** The groups with such answers may be played three times; all others must agree the first time. */
const timed: ReadonlySet<string> = new Set(['apply', 'list', 'watch']);

for (const controllers of [false, true]) {
  const some = groups.filter((group) => (group.controllers ?? false) === controllers);
  if (some.length === 0) continue;
  describe(controllers ? 'golden answers, with controllers' : 'golden answers', () => {
    let stage: Stage;
    before(async () => {
      stage = await realStage({ controllers });
    });
    after(() => stage.close());
    for (const group of some) {
      it(`${group.name}: ${String(group.scenarios.length)} scenarios`, async () => {
        const told = await differing(stage, group);
        assert.ok(told.length === 0, `make them afresh by npm run golden, and read what changed:\n${told.join('\n')}`);
      });
    }
  });
}

/**
 * What differs each time that it is played. Two things of a real server hang on its timing: managers are in the order of whole seconds, and
 * its watch cache may still have what etcd has forgotten.
 */
async function differing(stage: Stage, group: Group): Promise<string[]> {
  const golden = await readGolden(group.name);
  let told: string[] = [];
  let { scenarios } = group;
  const attempts = timed.has(group.name) ? 3 : 1;
  for (let attempt = 1; attempt <= attempts && scenarios.length > 0; attempt++) {
    const name = attempt === 1 ? group.name : `${group.name}-${String(attempt)}`;
    const shapes = await playGroup(stage, { ...group, name, scenarios });
    const found = new Map(shapes.map((afresh) => [afresh.scenario, differencesOf(afresh, golden)]));
    scenarios = scenarios.filter((scenario) => (found.get(scenario.name) ?? []).length > 0);
    told = scenarios.flatMap((scenario) => found.get(scenario.name) ?? []);
  }
  return told;
}

function differencesOf(afresh: ScenarioShape, golden: ReadonlyMap<string, ScenarioShape>): string[] {
  const kept = golden.get(afresh.scenario);
  if (kept === undefined) return [`${afresh.scenario}: there is no golden answer`];
  return differences(afresh, kept).map((difference) => `${afresh.scenario} ${toldOf(difference)}`);
}
