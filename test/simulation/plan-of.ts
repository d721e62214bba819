import { failoverPlan } from './failover-plan.ts';
import { ftPlan } from './ft-plan.ts';
import { migrationPlan } from './migration-plan.ts';
import { profilesPlan } from './profiles-plan.ts';
import { switchPlan } from './switch-plan.ts';
import { lifecyclePlan, type Plan, type Scenario } from './plan.ts';

/** What a seed means in a scenario. */
export function planOf(seed: number, scenario: Scenario, minutes: number): Plan {
  if (scenario === 'failover') return failoverPlan(seed, minutes);
  if (scenario === 'ft') return ftPlan(seed, minutes);
  if (scenario === 'profiles') return profilesPlan(seed, minutes);
  if (scenario === 'switch') return switchPlan(seed, minutes);
  return scenario === 'migration' ? migrationPlan(seed, minutes) : lifecyclePlan(seed, scenario, minutes);
}
