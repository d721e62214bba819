import type { UnknownObject } from '../../../meta/objects.ts';
import type { ResourceType } from '../../../meta/resource.ts';
import type { PatchSchema } from '../patch/schema.ts';
import type { TableDefinition } from '../table/columns.ts';
import type { Strategy } from './strategy.ts';

/** Where the objects of a kind are kept, and as which version. Several resources may show the same storage. */
export interface Storage {
  /** The prefix of the keys, such as `/registry/pods/`. */
  readonly prefix: string;
  readonly type: ResourceType;
}

/** How an object of one version is made from one of another. */
export interface Conversion {
  toStored(object: UnknownObject): UnknownObject;
  fromStored(object: UnknownObject): UnknownObject;
}

/** Where in an object `scale` finds its numbers: field names from the root. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly selector?: readonly string[];
}

export type Subresource =
  | { readonly name: 'status' | 'finalize' | 'resize' }
  | { readonly name: 'scale'; readonly paths: ScalePaths }
  | { readonly name: 'binding' | 'eviction'; readonly creates: Pick<ResourceType, 'group' | 'version' | 'kind'> };

/** Reads the value of a selectable field, as text. */
export type FieldReader = (object: UnknownObject) => string;

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** One served resource: a kind in one group and version. */
export interface Resource extends ResourceType {
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  /** A custom resource: no strategic patches; list items are decoded strictly. */
  readonly custom: boolean;
  readonly storage: Storage;
  /** Undefined: the stored version is this one. */
  readonly conversion?: Conversion;
  /** The schema of the whole object. */
  readonly schema: PatchSchema;
  readonly strategy: Strategy;
  readonly table: TableDefinition;
  /** Besides metadata.name and metadata.namespace. */
  readonly selectable: ReadonlyMap<string, FieldReader>;
  readonly subresources: ReadonlyMap<string, Subresource>;
  /** Why no more objects can be made; undefined: they can. */
  readonly closed?: string;
  /** Said with every answer of a deprecated version. */
  readonly deprecation?: string;
}

export const allVerbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** `/registry/sim.hypersphere.io/hostpools/`, or `/registry/pods/`. */
export function storagePrefix(group: string, plural: string): string {
  return group === '' ? `/registry/${plural}/` : `/registry/${group}/${plural}/`;
}

/** Where one object is kept. */
export function storageKey(storage: Storage, namespace: string | undefined, name: string): string {
  return namespace === undefined ? `${storage.prefix}${name}` : `${storage.prefix}${namespace}/${name}`;
}

/** What a stored object looks like in the version that `resource` shows. */
export function shown(resource: Resource, stored: UnknownObject): UnknownObject {
  return resource.conversion === undefined ? stored : resource.conversion.fromStored(stored);
}
