import type { Type } from '../../apply/type.ts';
import { objectType } from '../../apply/compile-type.ts';
import { decode, validateObject, withDefaults } from '../../schema/admit.ts';
import { compileSchema } from '../../schema/compile.ts';
import type { CompiledSchema } from '../../schema/compile.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { isObject } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { prune } from '../../schema/prune.ts';
import type { PatchSchema } from '../patch/schema.ts';

export interface Verdict {
  readonly causes: readonly Cause[];
  readonly warnings: readonly string[];
}

/** What a schema does with objects of its kind. Nothing is changed in place; what needs no change is the very same value. */
export interface KindSchema {
  /** Without the fields that the schema does not know; their paths are in `unknown`. Text: why the object can't be read at all. */
  decode(object: JsonObject): { readonly object: JsonObject; readonly unknown: readonly string[] } | string;
  /** Without the fields that the schema does not know, as `decode`; nothing else is looked at. */
  prune(object: JsonObject): JsonObject;
  /** With the defaults. */
  complete(object: JsonObject): JsonObject;
  /** What is wrong with an object; with `before`, in comparison too. Rules are not asked when `others`, found elsewhere, hinder it. */
  validate(object: JsonObject, before?: JsonObject, others?: readonly Cause[]): Verdict;
  /** How server-side apply merges objects of the kind. */
  type(): Type;
}

/** How servers get what a schema is for. */
export type KindSchemas = (schema: PatchSchema) => KindSchema;

/** Makes what a schema is for when it is first needed: it takes milliseconds. */
export function kindSchema(schema: PatchSchema): KindSchema {
  let compiled: CompiledSchema | undefined;
  let type: Type | undefined;
  const use = (): CompiledSchema => (compiled ??= compileSchema(schema));
  return {
    decode: (object) => decode(use(), object),
    prune: (object) => {
      const pruned = prune(object, use().root, []);
      return isObject(pruned) ? pruned : object;
    },
    complete: (object) => withDefaults(use(), object),
    validate: (object, before, others) => validateObject(use(), object, before, others),
    type: () => (type ??= objectType(schema)),
  };
}

/** `kindSchema`, once for all schemas that say the same: for servers that come and go in one process. */
export function keptSchemas(): KindSchemas {
  const kept = new Map<string, KindSchema>();
  return (schema) => {
    const text = JSON.stringify(schema);
    const known = kept.get(text) ?? kindSchema(schema);
    kept.set(text, known);
    return known;
  };
}
