/** Pieces that several kinds share. */
import { choice, defaulted, labelKey, labels, labelValue, listOf, mapOf, object, optional, integer, text, time } from './schema.ts';
import type { Static, TSchema } from './schema.ts';

export const group = 'hypersphere.io';
export const simGroup = 'sim.hypersphere.io';
export const version = 'v1alpha1';

/** Where operator and agents keep their own leases, and the only namespace from which they read credentials. */
export const systemNamespace = 'hypersphere-system';

/** On a Node that is one of our hosts. */
export const hostLabel = 'hypersphere.io/host';
/** On a Node that the simulation made: keeps ordinary Pods away; VMs ignore it. */
export const simulatedTaint = 'hypersphere.io/simulated';

/** The condition type that every kind has: it is as its spec says. */
export const ready = 'Ready';
/** Only a person can help. */
export const stalled = 'Stalled';
/** Condition types of what runs to an end, one way or the other. */
export const complete = 'Complete';
export const failed = 'Failed';

const condition = object('One aspect of the object, as metav1.Condition.', {
  type: text(
    'Which aspect.',
    316,
    '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
  ),
  status: choice('Whether it holds.', 'True', 'False', 'Unknown'),
  observedGeneration: optional(integer('The generation of the spec that this speaks of.', -1, Number.MAX_SAFE_INTEGER)),
  lastTransitionTime: time('When status last changed.'),
  reason: text('Why, as one word for programs.', 1024, '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$'),
  message: text('Why, in words for people.', 32768),
});

/** A status: `observedGeneration` and `conditions`, which every kind has, and `properties`. It starts as Ready=Unknown, so that nobody takes a new object for done. */
export function statusOf<P extends Record<string, TSchema>>(description: string, properties: P) {
  const schema = object(description, {
    observedGeneration: optional(integer('The newest generation of the spec that a controller has seen.', -1, Number.MAX_SAFE_INTEGER)),
    conditions: optional(mapOf('What holds of the object, by type.', condition, ['type'], 32)),
    ...properties,
  });
  return defaulted(schema, {
    observedGeneration: -1,
    conditions: [
      {
        type: ready,
        status: 'Unknown',
        reason: 'Pending',
        message: 'No controller has looked at it yet',
        lastTransitionTime: '1970-01-01T00:00:00Z',
      },
    ],
  });
}

export const labelSelector = (description: string) =>
  object(description, {
    matchLabels: optional(labels('Labels that must be there with these values.')),
    matchExpressions: optional(
      listOf(
        'Requirements that must all hold.',
        object(
          'One requirement.',
          {
            key: labelKey('The label.'),
            operator: choice('How it is compared.', 'In', 'NotIn', 'Exists', 'DoesNotExist'),
            values: optional(listOf('What it is compared with; for In and NotIn.', labelValue('A value.'), 64)),
          },
          [
            {
              rule: "(self.operator == 'In' || self.operator == 'NotIn') == (has(self.values) && self.values.size() > 0)",
              message: 'In and NotIn take values, the others none',
              fieldPath: '.values',
            },
          ],
        ),
        32,
      ),
    ),
  });

export const toleration = object('A taint that is put up with, as on a Pod.', {
  key: optional(labelKey('The taint; absent with Exists: every taint.')),
  operator: optional(choice('Equal, when absent.', 'Equal', 'Exists')),
  value: optional(labelValue('The value to equal.')),
  effect: optional(choice('Absent: every effect.', 'NoSchedule', 'PreferNoSchedule', 'NoExecute')),
  tolerationSeconds: optional(integer('For NoExecute: how long.', 0, 2 ** 31 - 1)),
});
export type Toleration = Static<typeof toleration>;

export const taint = object('A taint of a Node.', {
  key: labelKey('The taint.'),
  value: optional(labelValue('Its value.')),
  effect: choice('What it does to those that do not tolerate it.', 'NoSchedule', 'PreferNoSchedule', 'NoExecute'),
});
export type Taint = Static<typeof taint>;

/** Field managers: who wrote a field, as `metadata.managedFields` shows it. */
export const operatorManager = 'hypersphere-operator';
export const agentManager = 'hypersphere-agent';
export const simulationManager = 'hypersphere-simulation';

/** What a host may do with VMs when it is isolated, and when it has lost their datastores. */
export const isolationResponses = ['LeaveOn', 'ShutDown', 'PowerOff'] as const;
export type IsolationResponse = (typeof isolationResponses)[number];
export const storageLosses = ['LeaveOn', 'PowerOff'] as const;
export type StorageLoss = (typeof storageLosses)[number];
