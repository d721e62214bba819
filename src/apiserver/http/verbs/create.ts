import { generatedName } from '../names.ts';
import { forbiddenObject, nameNotGenerated, no, unreasoned } from '../errors.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import type { Call } from '../server.ts';
import { isApiError } from '../../../meta/status.ts';
import { isObject } from '../../schema/json.ts';
import type { JsonObject } from '../../schema/json.ts';
import { textAt } from '../values.ts';
import { insert } from '../write/commit.ts';
import type { Saved } from '../write/commit.ts';
import { decodeObject } from '../write/decode.ts';
import { checkNamespace } from '../write/namespace-lifecycle.ts';
import { firstVersion } from '../write/next.ts';
import { checkNamespaceSent } from '../write/place.ts';
import type { Writing } from '../write/next.ts';
import { writeOptions } from '../write/options.ts';
import { present } from './present.ts';

/** How often a generated name may be taken already. */
const attempts = 8;

/** POST of a collection. */
export async function create(call: Call): Promise<Answer> {
  if (!call.resource.custom) checkOpen(call, '');
  const options = writeOptions(call.query, call.headers, 'CreateOptions');
  const object = decodeObject(call, options);
  checkPlace(call, object);
  const name = textAt(object, 'metadata', 'name');
  checkNamespace(call, name);
  const writing: Writing = { call, options, door: 'main' };
  const saved = name === '' && generateName(object) !== '' ? await withGeneratedName(writing, object) : await createNamed(writing, object);
  return jsonText(201, present(call, saved));
}

/** Makes an object that has its name. Also how an apply and some updates make what is not there. */
export function createNamed(writing: Writing, object: JsonObject): Promise<Saved> {
  checkOpen(writing.call, textAt(object, 'metadata', 'name'));
  return insert(writing.call, firstVersion(writing, object), writing.options.dryRun);
}

function generateName(object: JsonObject): string {
  return textAt(object, 'metadata', 'generateName');
}

/** @throws {ApiError} 403 or 405 when no more objects of the kind can be made. */
function checkOpen({ resource }: Call, name: string): void {
  const { closed, custom } = resource;
  if (closed !== undefined) throw custom ? forbiddenObject(resource, name, closed) : no(405, 'MethodNotAllowed', closed);
}

async function withGeneratedName(writing: Writing, object: JsonObject): Promise<Saved> {
  const prefix = generateName(object);
  const { random } = writing.call.server.runtime;
  let name = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    name = generatedName(prefix, random);
    try {
      return await createNamed(writing, named(object, name));
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }
  throw nameNotGenerated(writing.call.resource, name);
}

/** @throws {ApiError} when the object says that it belongs elsewhere, or that it exists already. */
function checkPlace(call: Call, object: JsonObject): void {
  checkNamespaceSent(call, object);
  const version = textAt(object, 'metadata', 'resourceVersion');
  if (/^\d*[1-9]\d*$/.test(version)) throw unreasoned('resourceVersion should not be set on objects to be created');
}

function named(object: JsonObject, name: string): JsonObject {
  const metadata = object['metadata'];
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), name } };
}
