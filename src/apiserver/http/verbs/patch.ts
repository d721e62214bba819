import { isObject } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { forbidden, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { mediaType } from '../accept.ts';
import { decodeJson } from '../body.ts';
import { badRequest, invalidObject, unsupportedMediaType } from '../errors.ts';
import { jsonOf } from '../objects.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicPatch } from '../patch/strategic.ts';
import type { Resource } from '../registry/resource.ts';
import type { Door } from '../registry/strategy.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';
import { change } from '../write/commit.ts';
import { coerced, strictProblems } from '../write/decode.ts';
import { orEnd } from '../write/ending.ts';
import { nextVersion } from '../write/next.ts';
import type { Writing } from '../write/next.ts';
import { writeOptions } from '../write/options.ts';
import { checkVersion } from '../write/preconditions.ts';
import { apply } from './apply.ts';
import { present } from './present.ts';

/** A patch as a function: it changes nothing in place. */
export type Patch = (target: unknown) => unknown;

const applyType = 'application/apply-patch+yaml';
const forAll = ['application/json-patch+json', 'application/merge-patch+json', applyType];
const strategicType = 'application/strategic-merge-patch+json';

/** PATCH of one object, or of the part of it that `door` is for. */
export async function patch(call: Call, door: Door): Promise<Answer> {
  const { type } = mediaType(call.headers['content-type'] ?? '');
  const options = writeOptions(call.query, call.headers, 'PatchOptions');
  checkPatchOptions(call, type === applyType);
  const writing: Writing = { call, options, door, ...(door === 'main' ? {} : { through: door }) };
  if (type === applyType) return apply(writing);
  const carryOut = patchOf(call, type, call.resource);
  const saved = await change(call, options.dryRun, (before) => {
    const candidate = strictly(writing, carryOut(before));
    checkVersion(call, candidate, before);
    return orEnd(call.resource, nextVersion(writing, candidate, before), before);
  });
  return jsonText(200, present(call, saved));
}

/** The patch in the body. @throws {ApiError} 415 for a type that `resource` doesn't take, 400 for a body that is not a patch. */
export function patchOf(call: Call, type: string, resource: Pick<Resource, 'custom' | 'schema'>): Patch {
  const accepted = resource.custom ? forAll : [...forAll, strategicType];
  if (!accepted.includes(type) || type === applyType) throw unsupportedMediaType(accepted);
  const { value } = decodeJson(call.body, call.resource.kind);
  if (type === 'application/json-patch+json') return (target) => jsonPatch(target, value);
  if (!isObject(value)) throw badRequest('error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}');
  return type === strategicType ? (target) => strategicPatch(target, value, resource.schema) : (target) => mergePatch(target, value);
}

/** The patched object without fields that its kind does not have. */
function strictly({ call, options }: Writing, patched: unknown): JsonObject {
  if (!isObject(patched)) throw badRequest('the patch makes something of the object that is not an object');
  const { object, unknown } = coerced(call, jsonOf({ ...patched, metadata: patched['metadata'] ?? {} }));
  const problems = strictProblems(unknown, []);
  if (problems.length === 0 || options.strictness === 'Ignore') return fixedType(call, object);
  if (options.strictness === 'Warn') {
    problems.forEach((problem) => call.warn(problem));
    return fixedType(call, object);
  }
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: strict decoding error: ${problems.join(', ')}`;
  throw invalidObject(call.resource, call.name ?? '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
}

/** A patch can't make one kind of another. */
function fixedType(call: Call, object: JsonObject): JsonObject {
  const { kind } = call.resource;
  if (object['kind'] === kind && typeof object['apiVersion'] === 'string') return object;
  throw badRequest(
    `${textAt(object, 'kind')} in version ${JSON.stringify(call.resource.version)} cannot be handled as a ${kind}: a patch can not change the kind`,
  );
}

function checkPatchOptions(call: Call, isApply: boolean): void {
  const causes: Cause[] = [];
  if (isApply && call.query.get('fieldManager') === '') causes.push(required('fieldManager', 'is required for apply patch'));
  if (!isApply && call.query.has('force')) causes.push(forbidden('force', 'may not be specified for non-apply patch'));
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', causes);
}
