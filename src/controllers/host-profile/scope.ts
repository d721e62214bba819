/** All that one look at a profile depends on, read once. */
import { ready } from '../../api/common.ts';
import type { HostProfile } from '../../api/host-profile.ts';
import { evacuated, type Host } from '../../api/host.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { hasGuest } from '../../domain/maintenance-occupant.ts';
import { isMine, type HostFact } from '../../domain/rollout-host.ts';
import { byPrecedence, wantedOf, type Wanted } from '../../domain/settings/wanted.ts';
import type { Cache } from '../../kube/types.ts';
import { findCondition, isTrue } from '../../meta/conditions.ts';
import type { Node } from '../../meta/core.ts';
import { matchesSelector } from '../../meta/selectors.ts';

export interface ProfileSources {
  readonly profiles: Cache<HostProfile>;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
  /** With the index `byNode`. */
  readonly instances: Cache<VirtualMachineInstance>;
}

/** One host that the profile selects. */
export interface Selected {
  readonly fact: HostFact;
  /** Undefined: it has not come up yet. */
  readonly host: Host | undefined;
  /** All profiles that select it, the one whose word counts first in front. */
  readonly names: readonly string[];
  readonly wanted: Wanted;
}

export interface ProfileScope {
  readonly name: string;
  /** Undefined: it is gone, or is being deleted. */
  readonly profile: HostProfile | undefined;
  readonly selected: readonly Selected[];
  /** Hosts that it does not select, and that say that they are under it or are claimed for it. */
  readonly left: readonly Host[];
}

export function scopeOf(sources: ProfileSources, name: string): ProfileScope {
  const found = sources.profiles.get({ name });
  const profile = found?.metadata.deletionTimestamp === undefined ? found : undefined;
  const selected = profile === undefined ? [] : selectedBy(sources, profile);
  const names = new Set(selected.map(({ fact }) => fact.name));
  const left = sources.hosts.list().filter((host) => !names.has(host.metadata.name) && isUnder(host, name));
  return { name, profile, selected, left };
}

function isUnder({ status }: Host, name: string): boolean {
  return isMine(status, name) || (status.profiles ?? []).some((one) => one.name === name);
}

function selectedBy(sources: ProfileSources, profile: HostProfile): Selected[] {
  const all = sources.profiles.list().filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const sorted = all.sort(byPrecedence);
  return sources.nodes
    .list()
    .filter(({ metadata }) => matchesSelector(profile.spec.hostSelector, metadata.labels))
    .flatMap((node) => selectedOn(sources, profile.metadata.name, node, sorted));
}

function selectedOn(sources: ProfileSources, name: string, { metadata }: Node, sorted: readonly HostProfile[]): Selected[] {
  const profiles = sorted.filter(({ spec }) => matchesSelector(spec.hostSelector, metadata.labels));
  const host = sources.hosts.get({ name: metadata.name });
  const wanted = wantedOf(profiles, host?.spec.answers ?? {}).find((one) => one.profile === name);
  if (wanted === undefined) return [];
  const names = profiles.map((one) => one.metadata.name);
  return [{ host, names, wanted, fact: factOf(sources, name, metadata.name, host, wanted.revision) }];
}

function factOf({ instances }: ProfileSources, profile: string, name: string, host: Host | undefined, revision: string): HostFact {
  const { conditions, compliance, profiles, claim } = host?.status ?? {};
  const said = findCondition(conditions, ready);
  const left = findCondition(conditions, evacuated);
  const mine = host !== undefined && isMine(host.status, profile);
  return {
    name,
    answers: said !== undefined && said.status !== 'Unknown',
    ready: isTrue(conditions, ready),
    revision,
    said: compliance?.find((one) => one.profile === profile),
    permit: profiles?.find((one) => one.name === profile)?.permit,
    claim,
    // The condition may speak of an older claim: what is known to run there counts too.
    empty: mine && left?.status === 'True' && !instances.byIndex('byNode', name).some(hasGuest),
    evacuation: left?.status === 'False' && left.reason !== 'Evacuating' ? left.message : undefined,
  };
}
