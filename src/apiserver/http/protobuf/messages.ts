/**
 * The few messages that clients send as protobuf whatever the server says it prefers. Numbers are those of Kubernetes' generated.proto.
 * A field is `[name, type]`; `[]` after a type means repeated.
 */
export type Scalar = 'string' | 'bytes' | 'int' | 'bool' | 'time' | 'microtime' | 'fieldsV1' | 'map' | 'bytesMap';
export type FieldType = Scalar | Message;
export type Field = readonly [name: string, type: FieldType, repeated?: 'repeated'];
export type Message = { readonly [number: number]: Field };

const ownerReference: Message = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'bool'],
  7: ['blockOwnerDeletion', 'bool'],
};

const managedFields: Message = {
  1: ['manager', 'string'],
  2: ['operation', 'string'],
  3: ['apiVersion', 'string'],
  4: ['time', 'time'],
  6: ['fieldsType', 'string'],
  7: ['fieldsV1', 'fieldsV1'],
  8: ['subresource', 'string'],
};

const objectMeta: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'int'],
  8: ['creationTimestamp', 'time'],
  9: ['deletionTimestamp', 'time'],
  10: ['deletionGracePeriodSeconds', 'int'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
  13: ['ownerReferences', ownerReference, 'repeated'],
  14: ['finalizers', 'string', 'repeated'],
  17: ['managedFields', managedFields, 'repeated'],
};

const objectReference: Message = {
  1: ['kind', 'string'],
  2: ['namespace', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['fieldPath', 'string'],
};

const deleteOptions: Message = {
  1: ['gracePeriodSeconds', 'int'],
  2: ['preconditions', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }],
  3: ['orphanDependents', 'bool'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', 'string', 'repeated'],
};

const resourceAttributes: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
};

const leaseSpec: Message = {
  1: ['holderIdentity', 'string'],
  2: ['leaseDurationSeconds', 'int'],
  3: ['acquireTime', 'microtime'],
  4: ['renewTime', 'microtime'],
  5: ['leaseTransitions', 'int'],
  6: ['strategy', 'string'],
  7: ['preferredHolder', 'string'],
};

/** The message of an apiVersion and kind. Options have the apiVersion of whatever they are for. */
export function messageOf(apiVersion: string, kind: string): Message | undefined {
  return kind === 'DeleteOptions' ? deleteOptions : messages[`${apiVersion} ${kind}`];
}

const messages: Readonly<Record<string, Message>> = {
  'v1 Namespace': {
    1: ['metadata', objectMeta],
    2: ['spec', { 1: ['finalizers', 'string', 'repeated'] }],
    3: ['status', { 1: ['phase', 'string'] }],
  },
  'v1 ConfigMap': { 1: ['metadata', objectMeta], 2: ['data', 'map'], 3: ['binaryData', 'bytesMap'], 4: ['immutable', 'bool'] },
  'v1 Secret': {
    1: ['metadata', objectMeta],
    2: ['data', 'bytesMap'],
    3: ['type', 'string'],
    4: ['stringData', 'map'],
    5: ['immutable', 'bool'],
  },
  'v1 ServiceAccount': {
    1: ['metadata', objectMeta],
    2: ['secrets', objectReference, 'repeated'],
    3: ['imagePullSecrets', { 1: ['name', 'string'] }, 'repeated'],
    4: ['automountServiceAccountToken', 'bool'],
  },
  'coordination.k8s.io/v1 Lease': { 1: ['metadata', objectMeta], 2: ['spec', leaseSpec] },
  'policy/v1 Eviction': { 1: ['metadata', objectMeta], 2: ['deleteOptions', deleteOptions] },
  'authorization.k8s.io/v1 SelfSubjectAccessReview': {
    1: ['metadata', objectMeta],
    2: [
      'spec',
      { 1: ['resourceAttributes', resourceAttributes], 2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }] },
    ],
    3: ['status', {}],
  },
  'authorization.k8s.io/v1 SelfSubjectRulesReview': {
    1: ['metadata', objectMeta],
    2: ['spec', { 1: ['namespace', 'string'] }],
    3: ['status', {}],
  },
  'authentication.k8s.io/v1 SelfSubjectReview': { 1: ['metadata', objectMeta], 2: ['status', {}] },
};
