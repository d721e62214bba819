import { isObject } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import { forbidden, invalid, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { mediaType } from '../accept.ts';
import { decodeJson, goKind } from '../body.ts';
import type { Decoded } from '../body.ts';
import { badRequest, invalidObject, no, unsupportedMediaType } from '../errors.ts';
import { jsonOf } from '../objects.ts';
import { goMap } from '../patch/go-map.ts';
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
import { checkCustom, notRegistered, sortedFields, strictProblems } from '../write/decode.ts';
import { orEnd } from '../write/ending.ts';
import { nextVersion } from '../write/next.ts';
import type { Writing } from '../write/next.ts';
import { writeOptions } from '../write/options.ts';
import { checkPlace } from '../write/place.ts';
import { checkConditional, checkVersion } from '../write/preconditions.ts';
import { apply } from './apply.ts';
import { present } from './present.ts';

/** A patch as it came with a request. */
export interface Given {
  /** Changes nothing in place. */
  readonly carryOut: (target: unknown) => unknown;
  /** Paths of fields that stand more than once in it. */
  readonly duplicates: () => readonly string[];
  /** How a mistake names what was wrong: the patched object, or the patch. */
  describe(patched: JsonObject): string;
}

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
  const given = patchOf(call, type, call.resource);
  const saved = await change(call, options.dryRun, (before) => {
    const candidate = strictly(writing, given, given.carryOut(before));
    checkPlace(call, candidate);
    if (call.resource.custom) checkCustom(call.resource, candidate);
    checkConditional(call, candidate);
    checkVersion(call, candidate, before);
    const refuse = (why: string): Error => patchInvalid(given.describe(candidate), why);
    return orEnd(call.resource, nextVersion({ ...writing, refuse }, candidate, before), before);
  });
  return jsonText(200, present(call, saved));
}

/** The patch in the body. @throws {ApiError} 415 for a type that `resource` doesn't take, 400 for a body that is not a patch. */
export function patchOf(call: Call, type: string, resource: Pick<Resource, 'custom' | 'schema'>): Given {
  const accepted = resource.custom ? forAll : [...forAll, strategicType];
  if (!resource.custom && !accepted.includes(type)) throw no(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  if (!accepted.includes(type) || type === applyType) throw unsupportedMediaType(accepted);
  const { value, duplicates } = decodePatch(call.body);
  const describe = (patched: JsonObject): string => JSON.stringify(patched);
  if (type === 'application/json-patch+json') return { carryOut: (target) => jsonPatch(target, value), duplicates, describe };
  if (value === null && type !== strategicType) throw badRequest('Invalid JSON Patch');
  const fields = value ?? {};
  if (!isObject(fields)) {
    const prefix = type === strategicType ? '' : 'error decoding patch: ';
    throw badRequest(`${prefix}json: cannot unmarshal ${goKind(value)} into Go value of type map[string]interface {}`);
  }
  return type === strategicType
    ? { carryOut: (target) => strategicPatch(target, fields, resource.schema), duplicates, describe: () => goMap(fields) }
    : { carryOut: (target) => mergePatch(target, fields), duplicates, describe };
}

function decodePatch(body: Uint8Array): Decoded {
  try {
    return decodeJson(body, '');
  } catch {
    throw badRequest('invalid JSON patch');
  }
}

/** The patched object without fields that its kind does not have. */
function strictly({ call, options }: Writing, given: Given, patched: unknown): JsonObject {
  if (!isObject(patched)) throw badRequest('the patch makes something of the object that is not an object');
  const refuse = (why: string): Error => patchInvalid(given.describe(patched), why);
  const object = typedPatched(call, patched, refuse);
  const decoded = call.resource.kindSchema.decode(jsonOf({ ...object, metadata: object['metadata'] ?? {} }));
  if (typeof decoded === 'string') throw refuse(decoded);
  if (options.strictness === 'Ignore') return decoded.object;
  const problems = strictProblems(sortedFields(call.resource, decoded.unknown), given.duplicates());
  if (options.strictness === 'Strict' && problems.length > 0) throw refuse(`strict decoding error: ${problems.join(', ')}`);
  problems.forEach((problem) => call.warn(problem));
  return decoded.object;
}

/** A patch that makes of the object what can not be read. */
export function patchInvalid(patched: string, why: string): Error {
  return invalidObject({ group: '', kind: '' }, '', [invalid('patch', patched, why)]);
}

/** A strategic patch says nothing of kinds; what another takes away, a built-in kind gets back. */
function typedPatched({ resource, headers }: Call, patched: JsonObject, refuse: (why: string) => Error): JsonObject {
  const own = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const { type } = mediaType(headers['content-type'] ?? '');
  if (!resource.custom && type === strategicType) return { ...patched, ...own };
  const kind = textAt(patched, 'kind');
  const apiVersion = textAt(patched, 'apiVersion');
  if (resource.custom) {
    if (kind === '') throw refuse(`Object 'Kind' is missing in '${JSON.stringify(patched)}'`);
    return patched;
  }
  const full = { ...patched, apiVersion: apiVersion || own.apiVersion, kind: kind || own.kind };
  if (full.apiVersion !== own.apiVersion || full.kind !== own.kind) throw refuse(notRegistered(full.apiVersion, full.kind));
  return full;
}

function checkPatchOptions(call: Call, isApply: boolean): void {
  const causes: Cause[] = [];
  if (isApply && call.query.get('fieldManager') === '') causes.push(required('fieldManager', 'is required for apply patch'));
  if (!isApply && call.query.has('force')) causes.push(forbidden('force', 'may not be specified for non-apply patch'));
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', causes);
}
