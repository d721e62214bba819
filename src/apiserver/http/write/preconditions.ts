import type { UnknownObject } from '../../../meta/objects.ts';
import { invalid } from '../../schema/field-errors.ts';
import type { JsonObject } from '../../schema/json.ts';
import { invalidObject, modified, otherIncarnation } from '../errors.ts';
import { storageKey } from '../registry/resource.ts';
import type { Call } from '../server.ts';
import { textAt } from '../values.ts';

/** What an object in a request says of the version that it changes. @throws {ApiError} 409 when that is not the one that is there. */
export function checkVersion(call: Call, sent: JsonObject, before: UnknownObject): void {
  const { resource } = call;
  const { name, namespace, uid, resourceVersion } = before.metadata;
  const wantedUid = textAt(sent, 'metadata', 'uid');
  if (wantedUid !== '' && wantedUid !== uid)
    throw otherIncarnation(resource, name, storageKey(resource.storage, namespace, name), wantedUid, uid);
  const wanted = textAt(sent, 'metadata', 'resourceVersion');
  if (wanted !== '' && wanted !== resourceVersion) throw modified(resource, name);
}

/** A PUT of most kinds must name the version that it replaces. @throws {ApiError} 422 when it does not. */
export function checkConditional(call: Call, sent: JsonObject): void {
  const version = textAt(sent, 'metadata', 'resourceVersion');
  if (version !== '' && !/^\d+$/.test(version)) {
    throw invalidObject(call.resource, call.name ?? '', [
      invalid('metadata.resourceVersion', version, `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`),
    ]);
  }
  if ((version === '' || version === '0') && !call.resource.strategy.unconditionalUpdate) {
    const cause = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0x0: must be specified for an update',
      field: 'metadata.resourceVersion',
    } as const;
    throw invalidObject(call.resource, call.name ?? '', [cause]);
  }
}
