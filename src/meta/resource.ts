import type { KubeObject, ObjectRef } from './objects.ts';

/** What one needs to know of a kind to ask for it. `group` is empty for the core group. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A ResourceType that remembers the TypeScript type of its objects. */
export interface Kind<T extends KubeObject> extends ResourceType {
  /** Never there at run time; carries the type. */
  readonly object?: T;
}

/** `v1`, or `hypersphere.io/v1alpha1`. */
export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The URL path of a collection; without `namespace`, over all namespaces. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${type.plural}`;
}

/** The URL path of one object, or of its subresource (`status`, `scale`, …). */
export function objectPath(type: ResourceType, ref: ObjectRef, subresource?: string): string {
  const suffix = subresource === undefined ? '' : `/${subresource}`;
  return `${collectionPath(type, ref.namespace)}/${encodeURIComponent(ref.name)}${suffix}`;
}
