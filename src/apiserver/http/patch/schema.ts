import type { JsonSchema } from '../../schema/schema.ts';

/** A schema of a built-in kind: besides what a CRD may say, how a strategic merge patch treats its lists. */
export interface PatchSchema extends JsonSchema {
  properties?: Record<string, PatchSchema>;
  items?: PatchSchema;
  additionalProperties?: PatchSchema | boolean;
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
}

/** The schema of what is below `name`, where there is one. */
export function below(schema: PatchSchema | undefined, name: string): PatchSchema | undefined {
  const additional = schema?.additionalProperties;
  return schema?.properties?.[name] ?? (typeof additional === 'object' ? additional : undefined);
}

export function itemsOf(schema: PatchSchema): PatchSchema | undefined {
  return schema.items;
}
