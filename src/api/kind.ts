import type { KubeObject } from '../meta/objects.ts';
import type { Kind } from '../meta/resource.ts';
import type { Rule, Static, TSchema } from './schema.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  /** JSONPath from the object, such as `.status.nodeName`. */
  readonly jsonPath: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority?: number;
  readonly description?: string;
}

/** All that there is to know of one of our kinds; the CRD, the reference page and the TypeScript type are made from it. */
export interface KindDefinition<T extends KubeObject> extends Kind<T> {
  readonly singular: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec?: TSchema;
  readonly status: TSchema;
  /** The longest name, where names are made from it; else what Kubernetes allows. */
  readonly maxNameLength?: number;
  /** Rules over spec and status together. */
  readonly rules?: readonly Rule[];
  readonly columns: readonly PrinterColumn[];
  /** JSON paths by which a list or watch may select. */
  readonly selectableFields?: readonly string[];
  readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string };
}

/** An object with this spec and status, as read. */
export interface ObjectOf<S extends TSchema, U extends TSchema> extends KubeObject {
  spec: Static<S>;
  /** The server's default puts it there at creation. */
  status: Static<U>;
}
