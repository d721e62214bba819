import { messageOf } from '../../src/base/errors.ts';
import { normalise } from './normalise.ts';
import type { ScenarioShape } from './normalise.ts';
import { play } from './player.ts';
import type { Group } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Plays a group's scenarios one after the other, and tells each as it is done. */
export async function playGroup(stage: Stage, group: Group): Promise<ScenarioShape[]> {
  const shapes: ScenarioShape[] = [];
  for (const [i, scenario] of group.scenarios.entries()) {
    const id = `${group.name}-${String(i + 1).padStart(3, '0')}`;
    try {
      shapes.push(normalise(await play(stage, scenario, id)));
    } catch (error) {
      throw new Error(`${group.name}: ${scenario.name} could not be played: ${messageOf(error)}`, { cause: error });
    }
  }
  return shapes;
}
