import type { UnknownObject } from '../../../meta/objects.ts';
import type { ResourceType } from '../../../meta/resource.ts';
import type { Stored } from '../../store/types.ts';
import type { JsonObject } from '../../schema/json.ts';
import type { PatchSchema } from '../patch/schema.ts';
import type { TableDefinition } from '../table/columns.ts';
import type { KindSchema } from './kind-schema.ts';
import type { Strategy } from './strategy.ts';

/** Where the objects of a kind are kept, and as which version. Several resources may show the same storage. */
export interface Storage {
  /** The prefix of the keys, such as `/registry/pods/`. */
  readonly prefix: string;
  readonly type: ResourceType;
}

/** How an object of the served version is made from the stored one, and the other way. Gives the very same object when nothing differs. */
export interface Conversion {
  toStored(object: UnknownObject): UnknownObject;
  fromStored(object: UnknownObject): UnknownObject;
}

/** For what is served as it is stored. */
export const unconverted: Conversion = { toStored: (object) => object, fromStored: (object) => object };

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

/** All that is written down of a resource: a kind in one group and version. */
export interface Description extends ResourceType {
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  /** A custom resource: no strategic patches; list items are decoded strictly. */
  readonly custom: boolean;
  readonly storage: Storage;
  readonly conversion: Conversion;
  /** The schema of the whole object. */
  readonly schema: PatchSchema;
  readonly strategy: Strategy;
  /** An object of a built-in kind as Go makes it, with the fields that are always there: who creates one does not own those. */
  readonly zero?: JsonObject;
  readonly table: TableDefinition;
  /** Besides metadata.name and metadata.namespace. */
  readonly selectable: ReadonlyMap<string, FieldReader>;
  readonly subresources: ReadonlyMap<string, Subresource>;
  /** Why no more objects can be made; undefined: they can. */
  readonly closed?: string;
  /** Said with every answer of a deprecated version. */
  readonly deprecation?: string;
}

/** A served resource. */
export interface Resource extends Description {
  /** What the schema does with objects: made ready when it is first needed. */
  readonly kindSchema: KindSchema;
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

/** An object in the version that a resource shows. */
export interface Shown {
  readonly object: UnknownObject;
  /** `object` as JSON. */
  readonly text: string;
}

/** What is stored, in the version that `resource` shows. */
export function shown({ conversion }: Resource, stored: Stored): Shown {
  const object = conversion.fromStored(stored.object);
  return { object, text: object === stored.object ? stored.text : JSON.stringify(object) };
}
