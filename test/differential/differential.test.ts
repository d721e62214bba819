// The embedded API server answers as a real one does: every scenario brings what the golden files say, but for the differences that are known.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { differences, toldOf } from './compare.ts';
import type { Difference } from './compare.ts';
import { embeddedStage } from './embedded.ts';
import { readGolden } from './golden-file.ts';
import { groups } from './groups/index.ts';
import { isKnown, knownDifferences } from './known.ts';
import type { KnownDifference } from './known.ts';
import { normalise } from './normalise.ts';
import { play } from './player.ts';
import type { Stage } from './stage.ts';

for (const controllers of [false, true]) {
  const some = groups.filter((group) => (group.controllers ?? false) === controllers);
  if (some.length === 0) continue;
  describe(controllers ? 'with controllers' : 'without controllers', () => {
    let stage: Stage;
    before(async () => {
      stage = await embeddedStage({ controllers });
    });
    after(() => stage.close());
    for (const group of some) {
      describe(group.name, async () => {
        const golden = await readGolden(group.name);
        const found: Difference[] = [];
        for (const [i, scenario] of group.scenarios.entries()) {
          it(scenario.name, async () => {
            const real = golden.get(scenario.name);
            assert.ok(real !== undefined, 'there is no golden answer: npm run golden');
            const id = `${group.name}-${String(i + 1).padStart(3, '0')}`;
            const all = differences(real, normalise(await play(stage, scenario, id)));
            found.push(...all);
            const unknown = all.filter((difference) => !knownDifferences.some((known) => isKnown(known, group.name, difference)));
            assert.ok(unknown.length === 0, `\n${unknown.map(toldOf).join('\n')}`);
          });
        }
        it('has no golden answer too many', () => {
          const names = new Set(group.scenarios.map(({ name }) => name));
          assert.equal(names.size, group.scenarios.length, 'two scenarios have one name');
          assert.deepEqual(
            [...golden.keys()].filter((name) => !names.has(name)),
            [],
          );
        });
        it('still differs where it is known to', () => {
          const idle = (known: KnownDifference): boolean =>
            known.group === group.name && !found.some((difference) => isKnown(known, group.name, difference));
          assert.deepEqual(knownDifferences.filter(idle), []);
        });
      });
    }
  });
}
