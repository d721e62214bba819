import type { UnknownObject } from '../../../meta/objects.ts';
import { storagePrefix } from '../registry/resource.ts';
import type { FieldReader } from '../registry/resource.ts';
import { plainStrategy } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { column, wide } from '../table/columns.ts';
import type { TableDefinition } from '../table/columns.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { numberAt, textAt } from '../values.ts';
import { builtIn } from './builtin.ts';
import { renamed, validateCoreEvent, validateEvent } from './event-forms.ts';
import { coreEventSchema, eventSchema } from './schemas/event.ts';

const storage = {
  prefix: storagePrefix('', 'events'),
  type: { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true },
};

/** Each field under the name that it has in core/v1, and the path to it there. */
const coreFields: Readonly<Record<string, readonly string[]>> = {
  'involvedObject.kind': ['involvedObject', 'kind'],
  'involvedObject.namespace': ['involvedObject', 'namespace'],
  'involvedObject.name': ['involvedObject', 'name'],
  'involvedObject.uid': ['involvedObject', 'uid'],
  'involvedObject.apiVersion': ['involvedObject', 'apiVersion'],
  'involvedObject.resourceVersion': ['involvedObject', 'resourceVersion'],
  'involvedObject.fieldPath': ['involvedObject', 'fieldPath'],
  reason: ['reason'],
  reportingComponent: ['reportingComponent'],
  type: ['type'],
};

/** `source` selects by the component, under whichever of its two names it was given. */
const sourceOf: FieldReader = (object) => textAt(object, 'source', 'component') || textAt(object, 'reportingComponent');

const readers = Object.fromEntries(
  Object.entries(coreFields).map(([name, path]) => [name, (object: UnknownObject) => textAt(object, ...path)]),
);

const table: TableDefinition = {
  columns: [
    column('Last Seen', 'string', 'When it was last seen.'),
    column('Type', 'string', 'Normal or Warning.'),
    column('Reason', 'string', 'A word for why.'),
    column('Object', 'string', 'The object that it happened to.'),
    wide('Subobject'),
    wide('Source'),
    column('Message', 'string', 'The why for people.'),
    wide('First Seen'),
    wide('Count'),
    { ...wide('Name'), format: 'name' },
  ],
  cells: (object, now) => [
    since(lastSeen(object), now),
    textAt(object, 'type'),
    textAt(object, 'reason'),
    `${textAt(object, 'involvedObject', 'kind').toLowerCase()}/${textAt(object, 'involvedObject', 'name')}`,
    textAt(object, 'involvedObject', 'fieldPath'),
    [sourceOf(object), textAt(object, 'source', 'host') || textAt(object, 'reportingInstance')].filter((part) => part !== '').join(', '),
    textAt(object, 'message').trim(),
    since(firstSeen(object), now),
    numberAt(object, 'series', 'count') ?? numberAt(object, 'count') ?? 1,
    object.metadata.name,
  ],
};

export const events = builtIn({
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  shortNames: ['ev'],
  schema: coreEventSchema,
  strategy: plainStrategy(dnsSubdomain, { createOnUpdate: true, validate: validateCoreEvent }),
  table,
  zero: { metadata: {}, involvedObject: {}, source: {} },
  selectable: { ...readers, source: sourceOf },
  storage,
});

const toCore = renamed('v1', 'toCore');
const toGroup = renamed('events.k8s.io/v1', 'toGroup');

/** The same events in the words of events.k8s.io/v1. */
export const groupEvents = builtIn({
  group: 'events.k8s.io',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  shortNames: ['ev'],
  schema: eventSchema,
  strategy: plainStrategy(dnsSubdomain, { createOnUpdate: true, validate: (object) => validateEvent(object) }),
  table: { columns: table.columns, cells: (object, now) => table.cells(toCore(object), now) },
  selectable: Object.fromEntries(
    Object.entries({ ...readers, source: sourceOf }).map(([name, read]): [string, FieldReader] => [
      name.replace('involvedObject.', 'regarding.').replace('reportingComponent', 'reportingController'),
      (object) => read(toCore(object)),
    ]),
  ),
  storage,
  conversion: { toStored: toCore, fromStored: toGroup },
});

function lastSeen(object: UnknownObject): string {
  return textAt(object, 'series', 'lastObservedTime') || textAt(object, 'lastTimestamp') || firstSeen(object);
}

function firstSeen(object: UnknownObject): string {
  return textAt(object, 'firstTimestamp') || textAt(object, 'eventTime') || object.metadata.creationTimestamp;
}
