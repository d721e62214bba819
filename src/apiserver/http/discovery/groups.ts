import type { Resource } from '../registry/resource.ts';
import { reviews } from '../reviews.ts';
import type { Subresource } from '../registry/resource.ts';

/** A group with its versions, the preferred one first, and what each serves. */
export interface Group {
  readonly name: string;
  readonly versions: readonly GroupVersion[];
}

export interface GroupVersion {
  readonly version: string;
  readonly resources: readonly Described[];
}

/** A resource or a review, as discovery tells of it. */
export interface Described {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly DescribedSubresource[];
}

export interface DescribedSubresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** All groups, the core one (of an empty name) first, then by name. */
export function groupsOf(resources: readonly Resource[]): Group[] {
  const groups = new Map<string, Map<string, Described[]>>();
  const add = (group: string, version: string, described: Described): void => {
    const versions = groups.get(group) ?? new Map<string, Described[]>();
    groups.set(group, versions);
    versions.set(version, [...(versions.get(version) ?? []), described]);
  };
  for (const resource of resources) add(resource.group, resource.version, describe(resource));
  for (const { group, kind, plural } of reviews)
    add(group, 'v1', { ...bare, kind, plural, singular: kind.toLowerCase(), verbs: ['create'] });
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, versions]) => ({
      name,
      versions: [...versions]
        .sort(([a], [b]) => compareVersions(a, b))
        .map(([version, described]) => ({ version, resources: described.sort((a, b) => (a.plural < b.plural ? -1 : 1)) })),
    }));
}

const bare = { namespaced: false, shortNames: [], categories: [], subresources: [] };

function describe(resource: Resource): Described {
  const { plural, singular, kind, namespaced, shortNames, categories, verbs } = resource;
  const subresources = [...resource.subresources.values()].map((subresource) => describeSubresource(resource, subresource));
  return { plural, singular, kind, namespaced, shortNames, categories, verbs, subresources };
}

function describeSubresource(resource: Resource, subresource: Subresource): DescribedSubresource {
  const { name } = subresource;
  if (name === 'scale') return { name, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
  if (name === 'binding' || name === 'eviction') return { name, ...subresource.creates, verbs: ['create'] };
  const { group, version, kind } = resource;
  return { name, group, version, kind, verbs: name === 'finalize' ? ['update'] : ['get', 'patch', 'update'] };
}

const pattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

/** GA before beta before alpha, newer before older, and what is no version at the end, by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  for (let i = 0; i < left.length; i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): number[] {
  const parts = pattern.exec(version);
  if (parts === null) return [0, 0, 0];
  const stability = parts[2] === undefined ? 3 : parts[2] === 'beta' ? 2 : 1;
  return [stability, Number(parts[1]), Number(parts[3] ?? 0)];
}
