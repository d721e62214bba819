import { apiVersionOf } from '../../../meta/resource.ts';
import type { JsonObject } from '../../schema/json.ts';
import { isObject } from '../../schema/json.ts';
import { decodeBody } from '../body.ts';
import { badRequest } from '../errors.ts';
import type { Resource } from '../registry/resource.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';
import type { WriteOptions } from './options.ts';

/** The object in a create's or an update's body, without fields that its kind does not have. @throws {ApiError} when it is not one of the kind. */
export function decodeObject(call: Call, options: WriteOptions): JsonObject {
  const { resource } = call;
  const decoded = decodeBody(call.body, call.headers['content-type'], resource.kind);
  const object = typed(decoded.value, resource);
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
  return [...duplicates.map(quoted('duplicate')), ...[...unknown].sort().map(quoted('unknown'))];
}

/** Without the fields that its kind does not have. @throws {ApiError} 400 when `object` can't be read as one of its kind. */
export function coerced(call: Call, object: JsonObject): { readonly object: JsonObject; readonly unknown: readonly string[] } {
  const decoded = call.resource.kindSchema.decode(object);
  if (typeof decoded === 'string') throw cannotBeHandled(call.resource, decoded);
  return decoded;
}

export function cannotBeHandled(resource: Resource, why: string): Error {
  return badRequest(`${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: ${why}`);
}

/** `value` with the apiVersion and kind that it may leave out when its kind is built in. */
function typed(value: unknown, resource: Resource): JsonObject {
  if (!isObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): it is not an object`);
  const expected = apiVersionOf(resource);
  const apiVersion = textAt(value, 'apiVersion') || (resource.custom ? '' : expected);
  const kind = textAt(value, 'kind') || (resource.custom ? '' : resource.kind);
  for (const [name, found] of [
    ['Kind', kind],
    ['apiVersion', apiVersion],
  ] as const) {
    if (found === '')
      throw badRequest(
        `the object provided is unrecognized (must be of type ${resource.kind}): Object '${name}' is missing in the request body`,
      );
  }
  if (apiVersion !== expected) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`);
  }
  if (kind !== resource.kind)
    throw badRequest(
      `${kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: the kind does not match`,
    );
  return { ...value, apiVersion, kind, metadata: value['metadata'] ?? {} };
}
