/** Asks a real control plane what the scenarios bring, and keeps it: `npm run golden`, or for some groups only `npm run golden -- widget node`. */
import { writeGolden } from './golden-file.ts';
import { groups } from './groups/index.ts';
import { playGroup } from './play-group.ts';
import { realStage } from './real.ts';

const wanted = process.argv.slice(2);
const chosen = groups.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
for (const controllers of [false, true]) {
  const some = chosen.filter((group) => (group.controllers ?? false) === controllers);
  if (some.length === 0) continue;
  const stage = await realStage({ controllers });
  try {
    for (const group of some) {
      await writeGolden(group.name, await playGroup(stage, group));
      process.stdout.write(`${group.name}: ${String(group.scenarios.length)} scenarios\n`);
    }
  } finally {
    await stage.close();
  }
}
