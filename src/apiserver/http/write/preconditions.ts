import type { UnknownObject } from '../../../meta/objects.ts';
import type { JsonObject } from '../../schema/json.ts';
import { invalid } from '../../schema/field-errors.ts';
import { invalidObject, modified, otherIncarnation, unreasoned } from '../errors.ts';
import { storageKey } from '../registry/resource.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';

/** @throws {ApiError} 409 when an object in a request is another incarnation than the one that is there. */
export function checkUid({ resource }: Call, sent: JsonObject, before: UnknownObject): void {
  const { name, namespace, uid } = before.metadata;
  const wanted = textAt(sent, 'metadata', 'uid');
  if (wanted !== '' && wanted !== uid) throw otherIncarnation(resource, name, storageKey(resource.storage, namespace, name), wanted, uid);
}

/** What an object in a request says of the version that it changes. @throws {ApiError} 409 when that is not the one that is there. */
export function checkVersion({ resource }: Call, sent: JsonObject, before: UnknownObject): void {
  const { name, resourceVersion } = before.metadata;
  const wanted = textAt(sent, 'metadata', 'resourceVersion');
  if (wanted !== '' && wanted !== '0' && wanted !== resourceVersion) throw modified(resource, name);
}

/** A write of most kinds must name the version that it replaces. @throws {ApiError} 422 when it does not, 500 when it names none. */
export function checkConditional(call: Call, sent: JsonObject): void {
  const { resource, name = '' } = call;
  const version = textAt(sent, 'metadata', 'resourceVersion');
  if (!/^\d*$/.test(version)) throw unreasoned(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  if (resource.strategy.unconditionalUpdate || !/^0*$/.test(version)) return;
  const cause = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
  // A real server names the resource here, where it names the kind elsewhere.
  throw invalidObject({ group: resource.group, kind: resource.plural }, name, [cause]);
}
