/** What the API tells this host's agent of profiles. */
import { Host } from '../../api/host.ts';
import type { Permit } from '../../api/host-compliance.ts';
import { HostProfile } from '../../api/host-profile.ts';
import type { Caches } from '../../kube/caches.ts';
import { wantedOf, type Wanted } from '../../domain/settings/wanted.ts';

/** One profile that the host is under. */
export interface Under {
  readonly wanted: Wanted;
  readonly profile: HostProfile;
  readonly permit: Permit | undefined;
}

export interface Sight {
  readonly host: Host;
  readonly profiles: readonly Under[];
}

export interface Watching {
  /** Undefined: not all is known yet, or there is no Host. */
  sight(): Sight | undefined;
  onChange(handler: () => void): void;
}

export function watching(caches: Caches, nodeName: string): Watching {
  const profiles = caches.cache(HostProfile);
  const hosts = caches.cache(Host, { fieldSelector: `metadata.name=${nodeName}` });
  const sightOf = (host: Host): Sight => {
    const said = new Map((host.status.profiles ?? []).map((one) => [one.name, one.permit]));
    const mine = profiles.list().filter(({ metadata }) => said.has(metadata.name));
    const byName = new Map(mine.map((profile) => [profile.metadata.name, profile]));
    const under = wantedOf(mine, host.spec.answers ?? {}).flatMap((wanted) => {
      const profile = byName.get(wanted.profile);
      return profile === undefined ? [] : [{ wanted, profile, permit: said.get(wanted.profile) }];
    });
    return { host, profiles: under };
  };
  return {
    sight: () => {
      const host = hosts.get({ name: nodeName });
      return host === undefined || !profiles.synced() || !hosts.synced() ? undefined : sightOf(host);
    },
    onChange: (handler) => {
      hosts.onChange(handler);
      profiles.onChange((before, after) => {
        if (JSON.stringify(before?.spec) !== JSON.stringify(after?.spec)) handler();
      });
    },
  };
}
