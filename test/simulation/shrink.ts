/** Looks for less that breaks the same rule: fewer wishes, fewer faults, fewer hosts. */
import type { Plan } from './plan.ts';

/** Whether a plan still breaks the rule. */
export type StillBreaks = (plan: Plan) => Promise<boolean>;

type Listed = 'strikes' | 'happenings' | 'wishes';

/** @param most how many plays it may take. */
export async function shrink(plan: Plan, stillBreaks: StillBreaks, most = 80): Promise<Plan> {
  let left = most;
  const tried: StillBreaks = async (candidate) => left-- > 0 && (await stillBreaks(candidate));
  let smallest = plan;
  for (const list of ['happenings', 'strikes', 'wishes', 'strikes', 'happenings'] as const) smallest = await fewer(smallest, list, tried);
  return fewerHosts(smallest, tried);
}

/** Takes halves, then quarters and so on away, as long as it still breaks. */
async function fewer(plan: Plan, list: Listed, stillBreaks: StillBreaks): Promise<Plan> {
  let smallest = plan;
  for (
    let size = Math.ceil(smallest[list].length / 2);
    size >= 1 && smallest[list].length > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < smallest[list].length;) {
      const items: readonly unknown[] = smallest[list];
      const candidate: Plan = { ...smallest, [list]: [...items.slice(0, from), ...items.slice(from + size)] };
      if (await stillBreaks(candidate)) smallest = candidate;
      else from += size;
    }
  }
  return smallest;
}

async function fewerHosts(plan: Plan, stillBreaks: StillBreaks): Promise<Plan> {
  let smallest = plan;
  for (let hosts = 1; hosts < smallest.hosts; hosts++) {
    const candidate: Plan = { ...smallest, hosts, skews: [...smallest.skews.slice(0, hosts), ...smallest.skews.slice(smallest.hosts)] };
    if (await stillBreaks(candidate)) smallest = candidate;
  }
  return smallest;
}
