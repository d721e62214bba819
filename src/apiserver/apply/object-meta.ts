import type { OpenApiSchema } from './openapi-schema.ts';

const text: OpenApiSchema = { type: 'string' };
const time: OpenApiSchema = { type: 'string', format: 'date-time' };
const texts: OpenApiSchema = { type: 'object', additionalProperties: text };

const ownerReference: OpenApiSchema = {
  type: 'object',
  'x-kubernetes-map-type': 'atomic',
  properties: {
    apiVersion: text,
    kind: text,
    name: text,
    uid: text,
    controller: { type: 'boolean' },
    blockOwnerDeletion: { type: 'boolean' },
  },
};

const managedFieldsEntry: OpenApiSchema = {
  type: 'object',
  properties: { manager: text, operation: text, apiVersion: text, time, fieldsType: text, fieldsV1: { type: 'object' }, subresource: text },
};

/** metav1.ObjectMeta, as far as merging and owning go. */
export const objectMetaSchema: OpenApiSchema = {
  type: 'object',
  properties: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: { type: 'integer' },
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: { type: 'integer' },
    labels: texts,
    annotations: texts,
    finalizers: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    ownerReferences: { type: 'array', items: ownerReference, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['uid'] },
    managedFields: { type: 'array', items: managedFieldsEntry, 'x-kubernetes-list-type': 'atomic' },
  },
};

/** What an object is called. Belongs to nobody. */
const names = ['name', 'namespace', 'clusterName', 'selfLink', 'managedFields'] as const;

/** What only the server writes: an apply that says something of these says nothing. */
export const serverWritten: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
]);

/** Fields of metadata that no manager owns. */
export const serverFields: ReadonlySet<string> = new Set([...names, ...serverWritten]);
