import type { UnknownObject } from '../../../meta/objects.ts';
import { invalid, notSupported, required, tooLong } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { fieldsAt, textAt } from '../values.ts';

/** What core/v1 and events.k8s.io/v1 call the same fields. */
const pairs: readonly (readonly [core: string, group: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

const toGroup: ReadonlyMap<string, string> = new Map(pairs);
const toCore: ReadonlyMap<string, string> = new Map(pairs.map(([core, group]) => [group, core]));

/** Always there in the core form, if only as nothing: kubectl sorts by them. */
const coreBlanks = { source: {}, firstTimestamp: null, lastTimestamp: null };

/** Makes an Event of one form from one of the other. */
export function renamed(apiVersion: string, direction: 'toCore' | 'toGroup'): (object: UnknownObject) => UnknownObject {
  const names = direction === 'toCore' ? toCore : toGroup;
  return (object) => {
    if (object.apiVersion === apiVersion) return object;
    const result: UnknownObject = { ...object, apiVersion, ...(direction === 'toCore' ? coreBlanks : {}) };
    for (const name of names.keys()) delete result[name];
    for (const [name, other] of names) if (object[name] !== undefined && object[name] !== null) result[other] = object[name];
    return result;
  };
}

const types = ['Normal', 'Warning'];

/** An Event of core/v1 is checked lightly, as the real server does for the sake of old clients. */
export function validateCoreEvent(object: UnknownObject): Cause[] {
  return validateNamespace(object, 'involvedObject');
}

/** An Event of events.k8s.io/v1 is held to all its rules, unless it comes from an old one (it has no eventTime). */
export function validateEvent(object: UnknownObject): Cause[] {
  const causes = validateNamespace(object, 'regarding');
  if (textAt(object, 'eventTime') === '') return [...causes, required('eventTime')];
  for (const field of ['reportingController', 'reportingInstance', 'action', 'reason']) {
    const limit = field === 'reportingController' ? 253 : 128;
    if (textAt(object, field) === '') causes.push(required(field));
    else if (textAt(object, field).length > limit) causes.push(tooLong(field, limit));
  }
  if (textAt(object, 'note').length > 1024) causes.push(tooLong('note', 1024));
  if (!types.includes(textAt(object, 'type'))) causes.push(notSupported('type', textAt(object, 'type'), types));
  return causes;
}

/** An Event lives in the namespace of its object; that of a cluster-scoped one in `default` or `kube-system`. */
function validateNamespace(object: UnknownObject, field: string): Cause[] {
  const about = textAt(fieldsAt(object, field), 'namespace');
  const own = object.metadata.namespace ?? '';
  if (about === '' ? own === 'default' || own === 'kube-system' || own === '' : about === own) return [];
  return [invalid(`${field}.namespace`, about, 'does not match event.namespace')];
}
