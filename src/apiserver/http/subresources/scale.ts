import type { UnknownObject } from '../../../meta/objects.ts';
import { isObject, put } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { mediaType, negotiate } from '../accept.ts';
import { decodeBody } from '../body.ts';
import { badRequest, internalError } from '../errors.ts';
import { jsonOf, kubeObjectOf } from '../objects.ts';
import type { ScalePaths } from '../registry/resource.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { scaleTable } from '../table/scale.ts';
import { isFields, numberAt, textAt, valueAt } from '../values.ts';
import { find } from '../verbs/get.ts';
import { patchInvalid, patchOf } from '../verbs/patch.ts';
import { presentAs } from '../verbs/present.ts';
import { change } from '../write/commit.ts';
import { strictProblems } from '../write/decode.ts';
import { orEnd } from '../write/ending.ts';
import { nextVersion } from '../write/next.ts';
import type { Writing } from '../write/next.ts';
import { writeOptions } from '../write/options.ts';
import type { WriteOptions } from '../write/options.ts';
import { checkPlace } from '../write/place.ts';
import { checkUid, checkVersion } from '../write/preconditions.ts';

const apiVersion = 'autoscaling/v1';

export function getScale(call: Call, paths: ScalePaths): Answer {
  return answer(call, scaleOf(find(call).object, paths));
}

/** PUT or PATCH of the scale: changes one number in the object. */
export async function writeScale(call: Call, paths: ScalePaths, method: 'PUT' | 'PATCH'): Promise<Answer> {
  const options = writeOptions(call.query, call.headers, method === 'PUT' ? 'UpdateOptions' : 'PatchOptions');
  const make = method === 'PUT' ? sentScale(call) : patchedScale(call, options);
  const writing: Writing = { call, options, door: 'main', through: 'scale' };
  const saved = await change(call, options.dryRun, (before) => {
    const scale = make(scaleOf(before, paths));
    checkPlace(call, scale);
    checkUid(call, scale, before);
    checkVersion(call, scale, before);
    const candidate = withReplicas(jsonOf(before), paths.specReplicas, numberAt(scale, 'spec', 'replicas') ?? 0);
    return orEnd(call.resource, nextVersion(writing, candidate, before), before);
  });
  return answer(call, scaleOf(saved.object, paths));
}

function answer(call: Call, scale: JsonObject): Answer {
  const form = negotiate(call.headers['accept']);
  return jsonText(200, presentAs(call, { object: kubeObjectOf(scale), text: JSON.stringify(scale) }, scaleTable, form));
}

type Make = (scale: JsonObject) => JsonObject;

function sentScale(call: Call): Make {
  const { value } = decodeBody(call.body, call.headers['content-type'], 'Scale');
  const isScale = isObject(value) && textAt(value, 'kind') === 'Scale' && textAt(value, 'apiVersion') === apiVersion;
  if (!isScale || mistakeIn(value) !== undefined) {
    throw badRequest('no kind is registered for the type v1.Scale in scheme "pkg/runtime/scheme.go:111"');
  }
  return () => value;
}

function patchedScale(call: Call, { strictness }: WriteOptions): Make {
  const { type } = mediaType(call.headers['content-type'] ?? '');
  const given = patchOf(call, type, { custom: call.resource.custom, schema: {} });
  return (scale) => {
    const patched = jsonOf(given.carryOut(scale));
    const mistake = mistakeIn(patched);
    if (mistake !== undefined) throw patchInvalid(given.describe(patched), mistake);
    const problems = strictness === 'Ignore' ? [] : strictProblems(unknownIn(patched), given.duplicates());
    if (strictness === 'Strict' && problems.length > 0)
      throw patchInvalid(given.describe(patched), `strict decoding error: ${problems.join(', ')}`);
    problems.forEach(call.warn);
    return patched;
  };
}

/** Why a scale can not be read: what replicas are is the only question. */
function mistakeIn(scale: JsonObject): string | undefined {
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas === 'number' && Number.isInteger(replicas)) return undefined;
  const found = typeof replicas === 'number' ? `number ${String(replicas)}` : Array.isArray(replicas) ? 'array' : typeof replicas;
  return `json: cannot unmarshal ${found} into Go struct field ScaleSpec.spec.replicas of type int32`;
}

function unknownIn(scale: JsonObject): string[] {
  const odd = (fields: unknown, prefix: string, known: readonly string[]): string[] =>
    isFields(fields)
      ? Object.keys(fields)
          .filter((name) => !known.includes(name))
          .map((name) => prefix + name)
      : [];
  return [...odd(scale, '', ['apiVersion', 'kind', 'metadata', 'spec', 'status']), ...odd(scale['spec'], 'spec.', ['replicas'])];
}

function scaleOf(object: UnknownObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = numberAt(object, ...paths.specReplicas);
  if (replicas === undefined) throw internalError(`the spec replicas field ".${paths.specReplicas.join('.')}" does not exist`);
  const selector = paths.selector === undefined ? '' : textAt(object, ...paths.selector);
  return {
    kind: 'Scale',
    apiVersion,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numberAt(object, ...paths.statusReplicas) ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}

function withReplicas(object: JsonObject, path: readonly string[], replicas: number): JsonObject {
  const [name = '', ...rest] = path;
  const copy: JsonObject = { ...object };
  if (rest.length === 0) {
    put(copy, name, replicas);
    return copy;
  }
  const below = copy[name];
  put(copy, name, withReplicas(isFields(below) ? jsonOf(below) : {}, rest, replicas));
  return copy;
}
