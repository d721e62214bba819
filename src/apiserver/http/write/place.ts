import type { JsonObject } from '../../schema/json.ts';
import { badRequest } from '../errors.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';

/** @throws {ApiError} 400 when an object calls itself other than the path of the request does. */
export function checkPlace(call: Call, object: JsonObject): void {
  const wanted = call.name ?? '';
  const name = textAt(object, 'metadata', 'name');
  if (wanted === '') throw badRequest('name must be provided');
  if (name === '') throw badRequest(`the name of the object (${wanted} based on URL) was undeterminable: name must be provided`);
  if (name !== wanted) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${wanted})`);
  checkNamespaceSent(call, object);
}

export function checkNamespaceSent(call: Call, object: JsonObject): void {
  const namespace = textAt(object, 'metadata', 'namespace');
  if (namespace !== '' && call.namespace !== undefined && namespace !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}
