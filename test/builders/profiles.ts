import type { HostProfile, HostProfileSpec } from '../../src/api/host-profile.ts';
import type { HostSettings } from '../../src/api/host-settings.ts';
import type { ObjectMeta } from '../../src/meta/objects.ts';
import { meta } from './objects.ts';

/** A profile of all hosts that mends what differs. */
export function aProfile(
  name: string,
  settings: HostSettings,
  spec: Partial<HostProfileSpec> = {},
  metadata: Partial<ObjectMeta> = {},
): HostProfile {
  return {
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'HostProfile',
    metadata: meta(name, metadata),
    spec: {
      hostSelector: {},
      priority: 0,
      settings,
      enforcement: 'Remediate',
      rollback: { after: '30s' },
      rollout: { canary: 1, soak: '10s', maxUnavailable: '10%', pauseOnFailure: true },
      ...spec,
    },
    status: { observedGeneration: -1, conditions: [] },
  };
}
