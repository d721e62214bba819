import { acceptsJson, parseAccept } from '../accept.ts';
import type { Described, Group } from './groups.ts';

/** The version of apidiscovery.k8s.io that `accept` wants before plain JSON, or undefined for plain JSON. */
export function wantedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const entry of parseAccept(accept)) {
    if (!acceptsJson(entry)) continue;
    const { g, v, as } = entry.params;
    if (as === undefined) return undefined;
    if (g === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList' && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}

export function aggregatedType(version: string): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
}

/** All resources of all `groups` in one answer. */
export function groupDiscoveryList(groups: readonly Group[], version: string): object {
  const items = groups.map(({ name, versions }) => ({
    metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
    versions: versions.map((one) => ({
      version: one.version,
      resources: one.resources.map((resource) => resourceDiscovery(name, one.version, resource)),
      freshness: 'Current',
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function resourceDiscovery(group: string, version: string, resource: Described): object {
  return {
    resource: resource.plural,
    responseKind: { group, version, kind: resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
    ...(resource.subresources.length === 0
      ? {}
      : {
          subresources: resource.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
            verbs: [...sub.verbs],
          })),
        }),
  };
}
