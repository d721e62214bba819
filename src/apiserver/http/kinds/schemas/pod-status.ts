import { integer, keyed, listOf, long, object, opaque, quantityMap, text, time } from '../words.ts';

const condition = object(
  'One thing that is so of the Pod, or not.',
  {
    type: text('Type of the condition.'),
    status: text('True, False or Unknown.'),
    observedGeneration: long('The generation that it speaks of.'),
    lastProbeTime: time('When it was last probed.'),
    lastTransitionTime: time('When the status last changed.'),
    reason: text('A word for why.'),
    message: text('The why for people.'),
  },
  'type',
  'status',
);

const containerStatus = object(
  'What is of one container.',
  {
    name: text('The container.'),
    state: opaque('waiting, running or terminated.'),
    lastState: opaque('The state before this one.'),
    ready: { type: 'boolean', description: 'Whether it is ready.' },
    restartCount: integer('How often it was restarted.'),
    image: text('Its image.'),
    imageID: text('The image that it really runs.'),
    containerID: text('What the runtime calls it.'),
    started: { type: 'boolean', description: 'Whether it has started.' },
    allocatedResources: quantityMap('What the Node gives it.'),
    resources: opaque('What it runs with.'),
    volumeMounts: listOf(opaque(), 'Its mounts.'),
    user: opaque('Its user.'),
    allocatedResourcesStatus: listOf(opaque(), 'Its devices.'),
    stopSignal: text('The signal that stops it.'),
  },
  'name',
);

const address = object('An address.', { ip: text('The address.') }, 'ip');

export const podStatusSchema = object('What is of the Pod.', {
  observedGeneration: long('The generation that this status speaks of.'),
  phase: text('Pending, Running, Succeeded, Failed or Unknown.'),
  conditions: keyed(condition, ['type'], 'What is so of the Pod.'),
  message: text('The why of the phase for people.'),
  reason: text('A word for the why of the phase.'),
  nominatedNodeName: text('The Node on which room is being made for it.'),
  hostIP: text('The address of its Node.'),
  hostIPs: listOf(address, 'The addresses of its Node.'),
  podIP: text('Its address.'),
  podIPs: keyed(address, ['ip'], 'Its addresses.'),
  startTime: time('When its Node took it.'),
  initContainerStatuses: listOf(containerStatus, 'What is of its init containers.'),
  containerStatuses: listOf(containerStatus, 'What is of its containers.'),
  qosClass: text('Guaranteed, Burstable or BestEffort.'),
  ephemeralContainerStatuses: listOf(containerStatus, 'What is of its ephemeral containers.'),
  resize: text('How far a change of its resources is.'),
  resourceClaimStatuses: listOf(opaque(), 'What is of its claims.'),
  extendedResourceClaimStatus: opaque('What is of its extended resources.'),
  allocatedResources: quantityMap('What the Node gives it.'),
  resources: opaque('What it runs with.'),
});
