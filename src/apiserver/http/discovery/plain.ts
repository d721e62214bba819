import type { Group, GroupVersion } from './groups.ts';

/** GET /api. */
export function apiVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** GET /apis. */
export function apiGroupList(groups: readonly Group[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter((group) => group.name !== '').map(groupBody) };
}

/** GET /apis/{group}. */
export function apiGroup(group: Group): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) };
}

function groupBody({ name, versions }: Group): object {
  const all = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
}

/** GET /api/v1 and /apis/{group}/{version}. */
export function apiResourceList(groupVersion: string, { resources }: GroupVersion): object {
  const all = resources.flatMap(({ plural, singular, kind, namespaced, verbs, shortNames, categories, subresources }) => [
    { name: plural, singularName: singular, namespaced, kind, verbs: [...verbs], ...listed({ shortNames, categories }) },
    ...subresources.map((sub) => ({
      name: `${plural}/${sub.name}`,
      singularName: '',
      namespaced,
      ...(`${sub.group === '' ? '' : `${sub.group}/`}${sub.version}` === groupVersion ? {} : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: [...sub.verbs],
    })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: all };
}

function listed(lists: Readonly<Record<string, readonly string[]>>): object {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}
