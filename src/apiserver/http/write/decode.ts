import type { Json } from '../../../meta/objects.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import type { JsonObject } from '../../schema/json.ts';
import { invalid } from '../../schema/field-errors.ts';
import { isObject } from '../../schema/json.ts';
import { decodeBody, goKind, unrecognised } from '../body.ts';
import { badRequest, invalidObject } from '../errors.ts';
import type { Resource } from '../registry/resource.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';
import type { WriteOptions } from './options.ts';

/** The object in a create's or an update's body, without fields that its kind does not have. @throws {ApiError} when it is not one of the kind. */
export function decodeObject(call: Call, options: WriteOptions): JsonObject {
  const { resource } = call;
  const decoded = decodeBody(call.body, call.headers['content-type'], resource.kind);
  const object = typed(call, decoded.value);
  const { object: known, unknown } = coerced(call, object);
  if (options.strictness !== 'Ignore') {
    const problems = strictProblems(unknown, decoded.duplicates());
    if (options.strictness === 'Strict' && problems.length > 0)
      throw cannotBeHandled(resource, `strict decoding error: ${problems.join(', ')}`);
    problems.forEach((problem) => call.warn(problem));
  }
  return known;
}

/** What a strict decoder says of fields that are unknown, or stand twice. */
export function strictProblems(unknown: readonly string[], duplicates: readonly string[]): string[] {
  const quoted = (word: string) => (path: string) => `${word} field ${JSON.stringify(path)}`;
  return [...duplicates.map(quoted('duplicate')), ...unknown.map(quoted('unknown'))];
}

/** Without the fields that its kind does not have. @throws {ApiError} 400 when `object` can't be read as one of its kind. */
export function coerced(call: Call, object: JsonObject): { readonly object: JsonObject; readonly unknown: readonly string[] } {
  const decoded = call.resource.kindSchema.decode(object);
  if (typeof decoded === 'string') throw cannotBeHandled(call.resource, decoded);
  return call.resource.custom ? { ...decoded, unknown: sortedFields(call.resource, decoded.unknown) } : decoded;
}

/** In order; of a custom resource the metadata is looked at first. */
export function sortedFields({ custom }: Resource, unknown: readonly string[]): readonly string[] {
  if (unknown.length < 2) return unknown;
  if (!custom) return [...unknown].sort();
  const inMetadata = (path: string): boolean => path.startsWith('metadata.');
  return [...unknown.filter(inMetadata), ...unknown.filter((path) => !inMetadata(path)).sort()];
}

export function cannotBeHandled(resource: Resource, why: string): Error {
  return badRequest(`${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: ${why}`);
}

/** `value` with the apiVersion and kind that it may leave out when its kind is built in. */
function typed(call: Call, value: unknown): JsonObject {
  const { resource } = call;
  if (resource.custom) return ofCustomKind(call, value);
  // A decoder of Go takes null for an object without fields.
  const object = value ?? {};
  if (!isObject(object)) throw unrecognised(resource.kind, notAnObject(object), call.body);
  const apiVersion = textAt(object, 'apiVersion') || apiVersionOf(resource);
  const kind = textAt(object, 'kind') || resource.kind;
  checkBuiltIn(resource, apiVersion, kind);
  return { ...object, apiVersion, kind, metadata: withReset(call, object['metadata'] ?? {}) };
}

/** A list of managers that is empty forgets them all, where it is seen: a custom resource's is as good as none. */
function withReset({ method }: Call, metadata: Json): Json {
  if (method !== 'PUT' || !isObject(metadata)) return metadata;
  const managers = metadata['managedFields'];
  return Array.isArray(managers) && managers.length === 0 ? { ...metadata, managedFields: [{}] } : metadata;
}

function ofCustomKind(call: Call, value: unknown): JsonObject {
  const { resource } = call;
  if (value !== null && !isObject(value)) throw unrecognised(resource.kind, notAnObject(value), call.body);
  const kind = textAt(value, 'kind');
  if (!isObject(value) || kind === '') {
    throw unrecognised(resource.kind, `Object 'Kind' is missing in '${new TextDecoder().decode(call.body)}'`, call.body);
  }
  const apiVersion = textAt(value, 'apiVersion');
  const expected = apiVersionOf(resource);
  if (apiVersion !== expected) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`);
  }
  checkCustom(resource, value);
  return { ...value, metadata: value['metadata'] ?? {} };
}

/** @throws {ApiError} 400 when what calls itself `apiVersion` and `kind` is not of `resource`. */
export function checkBuiltIn(resource: Resource, apiVersion: string, kind: string): void {
  if (apiVersion === apiVersionOf(resource) && kind === resource.kind) return;
  const { version } = groupAndVersion(apiVersion);
  throw badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${resource.kind}: ${notRegistered(apiVersion, kind)}`,
  );
}

export function notRegistered(apiVersion: string, kind: string): string {
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
}

/** @throws {ApiError} 422 when the object of a custom kind says that it is of another. */
export function checkCustom(resource: Resource, object: JsonObject): void {
  const kind = textAt(object, 'kind');
  const apiVersion = textAt(object, 'apiVersion');
  const expected = apiVersionOf(resource);
  const causes = [
    ...(kind === resource.kind ? [] : [invalid('kind', kind, `must be ${resource.kind}`)]),
    ...(apiVersion === expected ? [] : [invalid('apiVersion', apiVersion, `must be ${expected}`)]),
  ];
  if (causes.length > 0)
    throw invalidObject({ group: groupAndVersion(apiVersion).group, kind }, textAt(object, 'metadata', 'name'), causes);
}

function groupAndVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(0, slash)), version: apiVersion.slice(slash + 1) };
}

function notAnObject(value: unknown): string {
  const type = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  return `couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(value)} into Go value of type ${type}`;
}
