import type { PatchSchema } from '../patch/schema.ts';
import { boolean, keyed, listOf, long, object, opaque, setOf, text, textMap, time } from './words.ts';

const ownerReference = object(
  'An object that this one belongs to. When the last of its owners is gone, it is collected.',
  {
    apiVersion: text('API version of the owner.'),
    kind: text('Kind of the owner.'),
    name: text('Name of the owner.'),
    uid: text('UID of the owner.'),
    controller: boolean('Whether the owner is the one that controls this object. At most one owner is.'),
    blockOwnerDeletion: boolean('Whether a foreground deletion of the owner waits for this object.'),
  },
  'apiVersion',
  'kind',
  'name',
  'uid',
);

const managedFieldsEntry = object('The fields that one manager owns.', {
  manager: text('Who owns the fields.'),
  operation: text('Apply or Update.'),
  apiVersion: text('The version of the object that the fields are of.'),
  time: time('When the manager last changed one of them.'),
  fieldsType: text('Always FieldsV1.'),
  fieldsV1: opaque('The fields, in the format FieldsV1.'),
  subresource: text('The subresource through which the fields were written.'),
});

/** metav1.ObjectMeta, of every object. */
export const objectMeta: PatchSchema = object('Standard metadata of an object.', {
  name: text('The name; unique among the objects of its kind in its namespace. It can not be changed.'),
  generateName: text('A prefix from which the server makes a unique name when there is none.'),
  namespace: text('The namespace that the object lives in. It can not be changed.'),
  selfLink: text('Not used any more.'),
  uid: text('Unique in time and space. Set by the server.'),
  resourceVersion: text('Changes with each change of the object. Opaque: compare for equality only.'),
  generation: long('Counts the changes of the desired state. Set by the server.'),
  creationTimestamp: time('When the object was made. Set by the server.'),
  deletionTimestamp: time('When the object goes, or would have gone if no finalizer held it. Set by the server.'),
  deletionGracePeriodSeconds: long('How long the object may take to end by itself. Set by the server.'),
  labels: textMap('Key-value pairs by which objects are organised and selected.'),
  annotations: textMap('Key-value pairs for tools; not selected by.'),
  ownerReferences: keyed(ownerReference, ['uid'], 'The objects that this one belongs to.'),
  finalizers: setOf(text(), 'What must be done before the object goes; each is taken away by who did it.'),
  managedFields: listOf(managedFieldsEntry, 'Which manager owns which fields.'),
});

/** metav1.ListMeta, of every list. */
export const listMeta: PatchSchema = object('Standard metadata of a list.', {
  continue: text('When set, there is more: ask again with this value for the next part.'),
  remainingItemCount: long('How many items are left after this part.'),
  resourceVersion: text('The version of the whole collection that this list shows.'),
  selfLink: text('Not used any more.'),
});

const typeMeta: Record<string, PatchSchema> = {
  apiVersion: text('The group and version of the API that this object is of.'),
  kind: text('The kind of the object.'),
};

/** The schema of a whole object of a built-in kind. */
export function kindSchema(description: string, properties: Record<string, PatchSchema>, ...requiredNames: readonly string[]): PatchSchema {
  return object(description, { ...typeMeta, metadata: objectMeta, ...properties }, ...requiredNames);
}
