import type { HostProfileStatus } from '../../api/host-profile.ts';
import type { Impact } from '../../api/setting.ts';
import type { Metrics } from '../../kube/types.ts';

/** What is counted of all profiles together. */
export interface Measures {
  /** @param status undefined: it is gone. */
  hosts(profile: string, status: HostProfileStatus | undefined): void;
  permitted(impact: Impact): void;
}

const states = ['compliant', 'nonCompliant', 'unknown'] as const;

export function measuresOf(metrics: Metrics | undefined): Measures {
  const gauge = metrics?.gauge(
    'hypersphere_profile_hosts',
    'Hosts by how they are by their profiles, each counted once for each of them.',
    ['state'],
  );
  const stopped = metrics?.gauge('hypersphere_profiles_stalled', 'Profiles that wait for a person.');
  const changes = metrics?.counter('hypersphere_profile_changes_total', 'Changes of hosts that profiles gave leave for, by impact.', [
    'impact',
  ]);
  const known = new Map<string, HostProfileStatus>();
  return {
    hosts: (profile, status) => {
      if (status === undefined) known.delete(profile);
      else known.set(profile, status);
      const all = [...known.values()];
      for (const state of states)
        gauge?.set(
          all.reduce((sum, one) => sum + (one.hosts?.[state] ?? 0), 0),
          state,
        );
      stopped?.set(all.filter(({ conditions }) => conditions?.some(({ type, status: is }) => type === 'Stalled' && is === 'True')).length);
    },
    permitted: (impact) => {
      changes?.add(1, impact);
    },
  };
}
