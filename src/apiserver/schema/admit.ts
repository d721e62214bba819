import type { ErrorObject } from 'ajv';
import type { Json } from '../../meta/objects.ts';
import { checkRules } from './cel/check.ts';
import type { CompiledSchema } from './compile.ts';
import { applyDefaults } from './defaults.ts';
import { embeddedCauses } from './embedded.ts';
import { invalid, noField, type Cause, type CauseReason } from './field-errors.ts';
import { isObject, type JsonObject } from './json.ts';
import { duplicateItems } from './list-types.ts';
import { dropNulls } from './nulls.ts';
import { BadMetadata, coerceEmbedded, coerceObjectMeta } from './object-meta.ts';
import { prune } from './prune.ts';
import { isUnchanged } from './ratchet.ts';
import { causesOf, placeFaults } from './validation-errors.ts';

/** The query parameter `fieldValidation`: what becomes of a request with fields that are unknown or stand twice. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface AdmitOptions {
  readonly fieldValidation: FieldValidation;
  /** Paths of fields that the request's text has more than once (`duplicateFields`). */
  readonly duplicates?: readonly string[];
}

export interface Admission {
  /** The object as it would be stored: pruned, defaults filled in. */
  readonly object: JsonObject;
  /** For the header `Warning: 299 - "…"`, one each. */
  readonly warnings: readonly string[];
  /** What is wrong with its fields: the request is answered 422 Invalid. */
  readonly causes: readonly Cause[];
  /** The object cannot be read at all: the request is answered 400 BadRequest with these words, such as `strict decoding error: unknown field "spec.nope"`. */
  readonly refusal?: string;
}

/** Takes an object as it came with a request. What is needed of `old`, the stored object on an update, is only read. */
export function admit(compiled: CompiledSchema, candidate: JsonObject, old: JsonObject | undefined, options: AdmitOptions): Admission {
  const decoded = decode(compiled, candidate);
  if (typeof decoded === 'string') return { object: candidate, warnings: [], causes: [], refusal: decoded };
  const strict = [
    ...(options.duplicates ?? []).map((path) => `duplicate field "${path}"`),
    ...decoded.unknown.map((path) => `unknown field "${path}"`),
  ];
  if (options.fieldValidation === 'Strict' && strict.length > 0) {
    return { object: candidate, warnings: [], causes: [], refusal: `strict decoding error: ${strict.join(', ')}` };
  }
  const object = withDefaults(compiled, decoded.object);
  const judged = validateObject(compiled, object, old);
  const warnings = options.fieldValidation === 'Warn' ? [...strict, ...judged.warnings] : judged.warnings;
  return { object, warnings, causes: judged.causes };
}

export interface Decoded {
  readonly object: JsonObject;
  readonly unknown: readonly string[];
}

/** Reads the object by its schema: unknown fields and needless nulls dropped. Gives why it cannot be read, as text. */
export function decode(compiled: CompiledSchema, candidate: JsonObject): Decoded | string {
  const inMetadata: string[] = [];
  const inFields: string[] = [];
  const embedded: string[] = [];
  try {
    const metadata = Object.hasOwn(candidate, 'metadata') ? coerceObjectMeta(candidate['metadata'] ?? null, inMetadata) : undefined;
    const pruned = coerceEmbedded(dropNulls(prune(candidate, compiled.root, inFields), compiled.root), compiled.root, '', embedded);
    const object = isObject(pruned) ? pruned : candidate;
    const unknown = [...inMetadata, ...inFields, ...embedded];
    return { object: metadata === undefined || metadata === object['metadata'] ? object : { ...object, metadata }, unknown };
  } catch (error) {
    if (error instanceof BadMetadata) return error.message;
    throw error;
  }
}

/** `object` with its schema's defaults: for objects that come from elsewhere than a request, such as a store written under an older schema. */
export function withDefaults(compiled: CompiledSchema, object: JsonObject): JsonObject {
  const filled = applyDefaults(object, compiled.root);
  return isObject(filled) ? filled : object;
}

const blocking: ReadonlySet<CauseReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const notAllChecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Checks an object as it would be stored. On an update, faults of what is as it was in `old` are no hindrance. */
export function validateObject(
  compiled: CompiledSchema,
  object: JsonObject,
  old: JsonObject | undefined,
  others: readonly Cause[] = [],
): { readonly causes: readonly Cause[]; readonly warnings: readonly string[] } {
  const { root } = compiled;
  const errors = compiled.validate(object);
  const causes = [
    ...(errors.length === 0 ? [] : schemaCauses(compiled, errors, object, old)),
    ...embeddedCauses(object, root),
    ...listCauses(compiled, object, old),
  ];
  const rules = compiled.rules();
  if (rules === undefined) return { causes, warnings: [] };
  if ([...others, ...causes].some((cause) => blocking.has(cause.reason)))
    return { causes: [...causes, invalid(noField, null, notAllChecked)], warnings: [] };
  const verdict = checkRules(rules, object, old);
  return { causes: [...causes, ...verdict.causes], warnings: verdict.warnings };
}

function schemaCauses(compiled: CompiledSchema, errors: readonly ErrorObject[], object: Json, old: Json | undefined): Cause[] {
  const faults = placeFaults(errors, object);
  if (old === undefined) return causesOf(faults);
  const root = { node: compiled.root, value: object, old };
  return causesOf(faults.filter((fault) => !isUnchanged(root, fault.at)));
}

/** An object that had repeated items before may keep having them. */
function listCauses({ root }: CompiledSchema, object: JsonObject, old: JsonObject | undefined): Cause[] {
  if (!root.below.lists) return [];
  const causes = duplicateItems(object, root);
  return causes.length > 0 && old !== undefined && duplicateItems(old, root).length > 0 ? [] : causes;
}
