// The golden files of the differential suite are what a real control plane answers today: each group is played afresh, on one of its own.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { differences, toldOf } from '../differential/compare.ts';
import { readGolden } from '../differential/golden-file.ts';
import { groups } from '../differential/groups/index.ts';
import { playGroup } from '../differential/play-group.ts';
import { realStage } from '../differential/real.ts';
import type { ScenarioShape } from '../differential/normalise.ts';
import type { Stage } from '../differential/stage.ts';

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
        const golden = await readGolden(group.name);
        const told = (await playGroup(stage, group)).flatMap((afresh) => differencesOf(afresh, golden));
        assert.ok(told.length === 0, `make them afresh by npm run golden, and read what changed:\n${told.join('\n')}`);
      });
    }
  });
}

function differencesOf(afresh: ScenarioShape, golden: ReadonlyMap<string, ScenarioShape>): string[] {
  const kept = golden.get(afresh.scenario);
  if (kept === undefined) return [`${afresh.scenario}: there is no golden answer`];
  return differences(afresh, kept).map((difference) => `${afresh.scenario} ${toldOf(difference)}`);
}
