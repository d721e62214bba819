import type { Json, UnknownObject } from '../../meta/objects.ts';
import { appliedFields } from './applied-fields.ts';
import { compare, touched } from './compare.ts';
import { difference } from './field-algebra.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet } from './field-set.ts';
import type { JsonObject } from './json.ts';
import { asJson, isObject, member, parseJson, setMember, sortedJson } from './json.ts';
import type { Type } from './type.ts';
import { faultsOf } from './validate.ts';

/** The one manager to which all this applies: whoever takes another name opts out. */
export const kubectl = 'kubectl';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** All annotations of an object together, in bytes. */
const mostAnnotations = 256 * 1024;

/**
 * The fields that kubectl applied on the client's side before it applied on the server's, and that are still as it left them: it may take
 * them without force, whoever is recorded as their owner.
 */
export function lastAppliedFields(type: Type, live: UnknownObject, apiVersion: string): FieldSet {
  const applied = parseJson(live.metadata.annotations?.[annotation] ?? '');
  if (!isObject(applied) || applied['apiVersion'] !== apiVersion || faultsOf(type, applied).length > 0) return emptySet;
  return difference(appliedFields(type, applied), touched(compare(type, applied, asJson(live))));
}

/** `merged` with its last-applied annotation, if it has one, brought up to date, so that clients that still go by it see what was applied. */
export function withLastApplied(merged: JsonObject, patch: JsonObject): JsonObject {
  const annotations = annotationsOf(merged);
  if (!annotations?.[annotation]) return merged;
  const text = `${sortedJson(withoutAnnotation(patch))}\n`;
  if (annotations[annotation] === text) return merged;
  return withAnnotations(merged, fitting({ ...annotations, [annotation]: text }));
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const metadata = object['metadata'];
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined;
  return isObject(annotations) ? annotations : undefined;
}

function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  const metadata = object['metadata'];
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), annotations } };
}

function withoutAnnotation(object: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  return annotations === undefined ? object : withAnnotations(object, omit(annotations));
}

function omit(annotations: JsonObject): JsonObject {
  const others: Record<string, Json> = {};
  for (const key of Object.keys(annotations)) {
    if (key !== annotation) setMember(others, key, member(annotations, key) ?? null);
  }
  return others;
}

/** The annotation must not make an object too big: better none. */
function fitting(annotations: JsonObject): JsonObject {
  const encoder = new TextEncoder();
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + encoder.encode(key).length + (typeof value === 'string' ? encoder.encode(value).length : 0),
    0,
  );
  return size > mostAnnotations ? omit(annotations) : annotations;
}
