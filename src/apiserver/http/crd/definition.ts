import type { Condition, KubeObject, ObjectMeta, UnknownObject } from '../../../meta/objects.ts';
import type { JsonSchema } from '../../schema/schema.ts';
import type { PrinterColumn } from '../table/custom.ts';
import { isFields } from '../values.ts';

/** A CustomResourceDefinition as far as it is read here. Only objects that the schema of its kind has let through are. */
export interface Definition extends KubeObject {
  metadata: ObjectMeta;
  spec: DefinitionSpec;
  status?: { conditions?: Condition[]; acceptedNames?: Partial<Names>; storedVersions?: string[] };
}

export interface DefinitionSpec {
  group: string;
  scope: string;
  names: Names;
  versions: DefinitionVersion[];
  conversion?: { strategy: string };
  preserveUnknownFields?: boolean;
}

export interface Names {
  plural: string;
  kind: string;
  singular?: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: { status?: object; scale?: ScaleSpec };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath: string }[];
}

export interface ScaleSpec {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

/** Whether `object` has passed the schema of its kind: then its spec is there, and of the right types. */
export function isDefinition(object: KubeObject): object is Definition & UnknownObject {
  return (
    object.kind === 'CustomResourceDefinition' &&
    'spec' in object &&
    isFields(object.spec) &&
    Array.isArray(object.spec['versions']) &&
    isFields(object.spec['names'])
  );
}

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function hasCondition(definition: Definition, type: string): boolean {
  return (definition.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
}
