import { modified, notFound, otherIncarnation } from '../errors.ts';
import { storageKey } from '../registry/resource.ts';
import type { Door } from '../registry/strategy.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';
import { change } from '../write/commit.ts';
import type { JsonObject } from '../../schema/json.ts';
import { decodeObject } from '../write/decode.ts';
import { orEnd } from '../write/ending.ts';
import { checkNamespace } from '../write/namespace-lifecycle.ts';
import { nextVersion } from '../write/next.ts';
import type { Writing } from '../write/next.ts';
import { writeOptions } from '../write/options.ts';
import { checkPlace } from '../write/place.ts';
import { checkConditional, checkUid, checkVersion } from '../write/preconditions.ts';
import { createNamed } from './create.ts';
import { present } from './present.ts';

/** PUT of one object, or of the part of it that `door` is for. */
export async function update(call: Call, door: Door): Promise<Answer> {
  const options = writeOptions(call.query, call.headers, 'UpdateOptions');
  const object = decodeObject(call, options);
  checkPlace(call, object);
  const writing: Writing = { call, options, door, ...(door === 'main' ? {} : { through: door }) };
  const { resource, server } = call;
  const absent = server.store.get(storageKey(resource.storage, call.namespace, call.name ?? '')) === undefined;
  if (absent && door === 'main' && resource.strategy.createOnUpdate) {
    checkUnborn(call, object);
    checkNamespace(call, call.name ?? '');
    return jsonText(201, present(call, await createNamed(writing, object)));
  }
  if (absent) throw notFound(resource, call.name ?? '');
  checkConditional(call, object);
  const saved = await change(call, options.dryRun, (before) => {
    checkUid(call, object, before);
    checkVersion(call, object, before);
    return orEnd(resource, nextVersion(writing, object, before), before);
  });
  return jsonText(200, present(call, saved));
}

/** Who means a version that was there before doesn't mean a new object. */
function checkUnborn(call: Call, object: JsonObject): void {
  const { resource, namespace, name = '' } = call;
  const uid = textAt(object, 'metadata', 'uid');
  if (uid !== '') throw otherIncarnation(resource, name, storageKey(resource.storage, namespace, name), uid, '');
  const version = textAt(object, 'metadata', 'resourceVersion');
  if (version !== '' && version !== '0') throw modified(resource, name);
}
