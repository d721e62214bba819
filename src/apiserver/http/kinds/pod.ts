import { rfc3339 } from '../../../base/time.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import { plainStrategy, withField } from '../registry/strategy.ts';
import type { Door } from '../registry/strategy.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { fieldsAt, isFields, listAt, numberAt, textAt } from '../values.ts';
import type { Fields } from '../values.ts';
import { builtIn } from './builtin.ts';
import { qosClass } from './pod-qos.ts';
import { podTable } from './pod-table.ts';
import { validatePod, validatePodUpdate } from './pod-validation.ts';
import { podSchema } from './schemas/pod.ts';

const finished: ReadonlySet<string> = new Set(['Failed', 'Succeeded']);

export const pods = builtIn({
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  shortNames: ['po'],
  categories: ['all'],
  schema: podSchema,
  strategy: plainStrategy(dnsSubdomain, {
    generations: true,
    returnsDeleted: true,
    graceful: true,
    admitted,
    prepareCreate: (object) => withPhase(withDefaults(object)),
    isolate: (next, before, door) => isolate(admitted(withDefaults(next)), before, door),
    validate: validatePod,
    validateUpdate: validatePodUpdate,
    gracePeriod,
  }),
  table: podTable,
  selectable: {
    'spec.nodeName': (object) => textAt(object, 'spec', 'nodeName'),
    'spec.restartPolicy': (object) => textAt(object, 'spec', 'restartPolicy'),
    'spec.schedulerName': (object) => textAt(object, 'spec', 'schedulerName'),
    'spec.serviceAccountName': (object) => textAt(object, 'spec', 'serviceAccountName'),
    'spec.hostNetwork': (object) => String(fieldsAt(object, 'spec')['hostNetwork'] === true),
    'status.phase': (object) => textAt(object, 'status', 'phase'),
    'status.podIP': (object) => textAt(object, 'status', 'podIP'),
    // A real server takes it, and knows it of no Pod.
    'status.podIPs': () => '',
    'status.nominatedNodeName': (object) => textAt(object, 'status', 'nominatedNodeName'),
  },
  zero: { metadata: {}, spec: { containers: null }, status: {} },
  subresources: [
    { name: 'status' },
    { name: 'resize' },
    { name: 'binding', creates: { group: '', version: 'v1', kind: 'Binding' } },
    { name: 'eviction', creates: { group: 'policy', version: 'v1', kind: 'Eviction' } },
  ],
});

function withPhase(object: UnknownObject): UnknownObject {
  return { ...object, status: { phase: 'Pending', qosClass: qosClass(object) } };
}

/** What admission adds: everybody tolerates a short absence of the node. */
const absences = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

function withDefaults(object: UnknownObject): UnknownObject {
  const spec = fieldsAt(object, 'spec');
  if (!Array.isArray(spec['containers'])) return object;
  const containers = listAt(spec, 'containers').map((container) => (isFields(container) ? withContainerDefaults(container) : container));
  return { ...object, spec: { ...spec, containers } };
}

function admitted(object: UnknownObject): UnknownObject {
  if (!isFields(object['spec'])) return object;
  const spec = object['spec'];
  const account = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount') || 'default';
  const next = {
    ...spec,
    serviceAccountName: account,
    serviceAccount: account,
    tolerations: withAbsences(spec),
    priority: spec['priority'] ?? 0,
    preemptionPolicy: spec['preemptionPolicy'] ?? 'PreemptLowerPriority',
  };
  return { ...object, spec: next };
}

function withAbsences(spec: Fields): unknown {
  const given = listAt(spec, 'tolerations');
  if (spec['tolerations'] !== undefined && !Array.isArray(spec['tolerations'])) return spec['tolerations'];
  const missing = absences.filter((key) => !given.some((toleration) => toleratesAbsence(toleration, key)));
  return [...given, ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))];
}

function toleratesAbsence(toleration: unknown, key: string): boolean {
  const effect = textAt(toleration, 'effect');
  const itsKey = textAt(toleration, 'key');
  return (itsKey === key || itsKey === '') && (effect === 'NoExecute' || effect === '');
}

/** What the real server defaults from other fields; what it defaults by itself stands in the schema. */
function withContainerDefaults(container: Fields): Fields {
  const image = textAt(container, 'image');
  const policy = container['imagePullPolicy'] ?? (/:[^/]+$/.test(image) && !image.endsWith(':latest') ? 'IfNotPresent' : 'Always');
  return {
    ...container,
    imagePullPolicy: policy,
    ...(isFields(container['resources']) ? { resources: withRequests(container['resources']) } : {}),
  };
}

/** A limit without a request is the request too. */
function withRequests(resources: Fields): Fields {
  const limits = fieldsAt(resources, 'limits');
  if (Object.keys(limits).length === 0) return resources;
  return { ...resources, requests: { ...limits, ...fieldsAt(resources, 'requests') } };
}

function isolate(next: UnknownObject, before: UnknownObject, door: Door): UnknownObject {
  if (door === 'main') return withField(next, 'status', before['status']);
  if (door === 'resize') return resized(next, before);
  // The node's agent writes labels and finalizers through the status too; owners it may not touch.
  const owners = before.metadata.ownerReferences;
  const metadata = { ...next.metadata, ...(owners === undefined ? {} : { ownerReferences: owners }) };
  if (owners === undefined) delete metadata.ownerReferences;
  return withField({ ...next, metadata }, 'spec', before['spec']);
}

/** `before` with the resources of its containers as `next` has them. */
function resized(next: UnknownObject, before: UnknownObject): UnknownObject {
  const spec = fieldsAt(before, 'spec');
  const wanted = new Map(listAt(next, 'spec', 'containers').map((container) => [textAt(container, 'name'), container]));
  const containers = listAt(spec, 'containers').map((container) => {
    const change = wanted.get(textAt(container, 'name'));
    return isFields(container) && isFields(change) ? { ...container, resources: fieldsAt(change, 'resources') } : container;
  });
  const managed = next.metadata.managedFields === undefined ? {} : { managedFields: next.metadata.managedFields };
  return { ...before, metadata: { ...before.metadata, ...managed }, spec: { ...spec, containers } };
}

/** A Pod that no node has, or that has ended, goes at once; any other waits for its node's agent. */
function gracePeriod(object: UnknownObject, requested: number | undefined): number {
  if (textAt(object, 'spec', 'nodeName') === '' || finished.has(textAt(object, 'status', 'phase'))) return 0;
  const period = requested ?? numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  return period < 0 ? 1 : period;
}

/** The Pod with `condition` in its status; the time is `now`. */
export function withPodCondition(
  object: UnknownObject,
  condition: { type: string; status: string; reason?: string; message?: string },
  now: number,
): UnknownObject {
  const status = fieldsAt(object, 'status');
  const others = listAt(status, 'conditions').filter((other) => textAt(other, 'type') !== condition.type);
  const stamped = { lastProbeTime: null, ...condition, lastTransitionTime: rfc3339(now) };
  return { ...object, status: { ...status, conditions: [...others, stamped] } };
}
