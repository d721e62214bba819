import { migrationPlan } from './migration-plan.ts';
import { lifecyclePlan, type Plan, type Scenario } from './plan.ts';

/** What a seed means in a scenario. */
export function planOf(seed: number, scenario: Scenario, minutes: number): Plan {
  return scenario === 'migration' ? migrationPlan(seed, minutes) : lifecyclePlan(seed, scenario, minutes);
}
