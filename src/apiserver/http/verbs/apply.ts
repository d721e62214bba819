import type { UnknownObject } from '../../../meta/objects.ts';
import { ApiError } from '../../../meta/status.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import { applyPatch } from '../../apply/apply-patch.ts';
import type { Applied } from '../../apply/apply-patch.ts';
import { isObject } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { decodeYaml } from '../body.ts';
import { badRequest, conflict, modified, notFound } from '../errors.ts';
import { jsonOf } from '../objects.ts';
import { storageKey } from '../registry/resource.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import { textAt } from '../values.ts';
import { change } from '../write/commit.ts';
import { coerced, strictProblems } from '../write/decode.ts';
import { orEnd } from '../write/ending.ts';
import { checkNamespace } from '../write/namespace-lifecycle.ts';
import { nextVersion } from '../write/next.ts';
import type { Writing } from '../write/next.ts';
import { checkUid, checkVersion } from '../write/preconditions.ts';
import { resetFields } from '../write/reset-fields.ts';
import { createNamed } from './create.ts';
import { present } from './present.ts';

/** Server-side apply: makes what is not there, and owns what it says. */
export async function apply(writing: Writing): Promise<Answer> {
  const { call, options, door } = writing;
  const { resource, server } = call;
  const wanted = wantedObject(writing);
  const name = call.name ?? '';
  const absent = server.store.get(storageKey(resource.storage, call.namespace, name)) === undefined;
  if (absent && door !== 'main') throw notFound(resource, name);
  if (absent) return create(writing, wanted);
  const saved = await change(call, options.dryRun, (before) => {
    checkUid(call, wanted, before);
    checkVersion(call, wanted, before);
    const applied = attempt(writing, wanted, before);
    if (!applied.changed) return before;
    const candidate = coerced(call, jsonOf(applied.object)).object;
    return orEnd(resource, nextVersion({ ...writing, managedFields: applied.managedFields }, candidate, before), before);
  });
  return jsonText(200, present(call, saved));
}

async function create(writing: Writing, wanted: JsonObject): Promise<Answer> {
  const { call } = writing;
  const name = call.name ?? '';
  const uid = textAt(wanted, 'metadata', 'uid');
  if (uid !== '')
    throw conflict(call.resource, name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
  if (textAt(wanted, 'metadata', 'resourceVersion') !== '') throw modified(call.resource, name);
  checkNamespace(call, name);
  const applied = attempt(writing, wanted, undefined);
  const candidate = coerced(call, jsonOf(applied.object)).object;
  const saved = await createNamed({ ...writing, managedFields: applied.managedFields }, candidate);
  return jsonText(201, present(call, saved));
}

/** The object in the body. It must name itself as the path does, or not at all. */
function wantedObject({ call, options }: Writing): JsonObject {
  const decoded = decodeYaml(call.body, call.resource.kind);
  const { value } = decoded;
  if (!isObject(value)) throw badRequest('error decoding YAML: the body is not an object');
  if (options.strictness !== 'Ignore') {
    const problems = strictProblems([], decoded.duplicates());
    if (options.strictness === 'Strict' && problems.length > 0) throw badRequest(`error strict decoding YAML: ${problems.join(', ')}`);
    problems.forEach((problem) => call.warn(problem));
  }
  const metadata = isObject(value['metadata']) ? value['metadata'] : {};
  for (const [field, expected] of [
    ['name', call.name ?? ''],
    ['namespace', call.namespace ?? ''],
  ] as const) {
    const found = textAt(metadata, field);
    if (found !== '' && found !== expected)
      throw badRequest(`metadata.${field} of the object (${found}) does not match the one on the URL (${expected})`);
  }
  const place = { name: call.name ?? '', ...(call.namespace === undefined ? {} : { namespace: call.namespace }) };
  return { ...value, metadata: { ...metadata, ...place } };
}

function attempt(writing: Writing, wanted: JsonObject, live: UnknownObject | undefined): Applied {
  const { call, options, door, through } = writing;
  const { resource, server } = call;
  const result = applyPatch({
    live,
    patch: wanted,
    manager: options.manager,
    force: call.query.flag('force'),
    subresource: through,
    apiVersion: apiVersionOf(resource),
    now: server.runtime.clock.now(),
    type: resource.kindSchema.type(),
    resetFields: resetFields(resource, door),
  });
  if ('refusal' in result) throw new ApiError(result.refusal);
  return result;
}
