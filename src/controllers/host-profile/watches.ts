import { ready } from '../../api/common.ts';
import { evacuated, type Host } from '../../api/host.ts';
import { equal } from '../../base/equal.ts';
import { findCondition } from '../../meta/conditions.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import type { ProfileSources } from './scope.ts';

/** What makes profiles worth another look: each other, which hosts there are, what these say, and what leaves them. */
export function watchSources({ profiles, hosts, nodes, instances }: ProfileSources, enqueue: (ref: ObjectRef) => void): void {
  const all = (): void => {
    for (const profile of profiles.list()) enqueue({ name: profile.metadata.name });
  };
  const named = (host: Host | undefined): void => {
    for (const { name } of host?.status.profiles ?? []) enqueue({ name });
    if (host?.status.claim?.profile !== undefined) enqueue({ name: host.status.claim.profile });
  };
  all();
  // Profiles that went while nobody looked have left their names on hosts.
  for (const host of hosts.list()) named(host);
  profiles.onChange((before, after) => {
    const name = (after ?? before)?.metadata.name;
    if (name !== undefined) enqueue({ name });
    if (!equal(before?.spec, after?.spec)) all();
  });
  nodes.onChange((before, after) => {
    if (!equal(before?.metadata.labels, after?.metadata.labels)) all();
  });
  hosts.onChange((before, after) => {
    if (before === undefined || after === undefined) all();
    if (equal(aspect(before), aspect(after))) return;
    named(before);
    named(after);
  });
  instances.onChange((before, after) => {
    const name = (after ?? before)?.spec.nodeName;
    const claim = name === undefined ? undefined : hosts.get({ name })?.status.claim;
    if (claim?.profile !== undefined) enqueue({ name: claim.profile });
  });
}

/** All of a Host that profiles depend on. */
function aspect(host: Host | undefined): unknown {
  if (host === undefined) return undefined;
  const { claim, profiles, compliance, conditions } = host.status;
  const said = [ready, evacuated].map((type) => findCondition(conditions, type)).map((one) => [one?.status, one?.reason]);
  return [host.spec.answers, claim, profiles, compliance, said];
}
