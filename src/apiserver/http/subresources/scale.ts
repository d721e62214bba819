import type { UnknownObject } from '../../../meta/objects.ts';
import { isObject, put } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { invalid } from '../../schema/field-errors.ts';
import { mediaType } from '../accept.ts';
import { decodeBody } from '../body.ts';
import { badRequest, internalError, invalidObject } from '../errors.ts';
import { jsonOf } from '../objects.ts';
import type { ScalePaths } from '../registry/resource.ts';
import { json } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { isFields, numberAt, textAt, valueAt } from '../values.ts';
import { find } from '../verbs/get.ts';
import { patchOf } from '../verbs/patch.ts';
import { change } from '../write/commit.ts';
import { orEnd } from '../write/ending.ts';
import { nextVersion } from '../write/next.ts';
import type { Writing } from '../write/next.ts';
import { writeOptions } from '../write/options.ts';
import { checkVersion } from '../write/preconditions.ts';

const apiVersion = 'autoscaling/v1';
const scaleKind = { group: 'autoscaling', kind: 'Scale' };

export function getScale(call: Call, paths: ScalePaths): Answer {
  return json(200, scaleOf(find(call).object, paths));
}

/** PUT or PATCH of the scale: changes one number in the object. */
export async function writeScale(call: Call, paths: ScalePaths, method: 'PUT' | 'PATCH'): Promise<Answer> {
  const options = writeOptions(call.query, call.headers, method === 'PUT' ? 'UpdateOptions' : 'PatchOptions');
  const make = method === 'PUT' ? sentScale(call) : patchedScale(call);
  const writing: Writing = { call, options, door: 'main', through: 'scale' };
  const saved = await change(call, options.dryRun, (before) => {
    const scale = make(scaleOf(before, paths));
    checkVersion(call, scale, before);
    const candidate = withReplicas(jsonOf(before), paths.specReplicas, replicasIn(call, scale));
    return orEnd(call.resource, nextVersion(writing, candidate, before), before);
  });
  return json(200, scaleOf(saved.object, paths));
}

type Make = (scale: JsonObject) => JsonObject;

function sentScale(call: Call): Make {
  const { value } = decodeBody(call.body, call.headers['content-type'], 'Scale');
  if (!isObject(value) || textAt(value, 'kind') !== 'Scale' || textAt(value, 'apiVersion') !== apiVersion) {
    throw badRequest(`the object provided is unrecognized (must be of type Scale): write apiVersion ${apiVersion}, kind Scale`);
  }
  return () => value;
}

function patchedScale(call: Call): Make {
  const { type } = mediaType(call.headers['content-type'] ?? '');
  const patch = patchOf(call, type, { custom: call.resource.custom, schema: {} });
  return (scale) => jsonOf(patch(scale));
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
    spec: { replicas },
    status: { replicas: numberAt(object, ...paths.statusReplicas) ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}

function replicasIn(call: Call, scale: JsonObject): number {
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0) return replicas;
  const why = typeof replicas === 'number' ? 'must be greater than or equal to 0' : 'must be a whole number';
  throw invalidObject(scaleKind, call.name ?? '', [invalid('spec.replicas', JSON.stringify(replicas), why)]);
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
