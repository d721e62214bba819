import { kindSchema } from '../metadata.ts';
import { boolean, defaulted, integer, keyed, listOf, long, object, opaque, quantityMap, setOf, text, time } from '../words.ts';

const taint = object(
  'Keeps Pods away that do not tolerate it.',
  {
    key: text('The key of the taint.'),
    value: text('The value that goes with the key.'),
    effect: text('NoSchedule, PreferNoSchedule or NoExecute.'),
    timeAdded: time('When it was added.'),
  },
  'key',
  'effect',
);

const condition = object(
  'One thing that is so of the node, or not.',
  {
    type: text('Type of the condition.'),
    status: text('True, False or Unknown.'),
    lastHeartbeatTime: { ...time('When it was last said.'), nullable: true },
    lastTransitionTime: { ...time('When the status last changed.'), nullable: true },
    reason: text('A word for why.'),
    message: text('The why for people.'),
  },
  'type',
  'status',
);

const address = object(
  'One address.',
  { type: text('Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.'), address: text('The address.') },
  'type',
  'address',
);

const nodeInfo = object('The software of the node.', {
  machineID: text('The machine ID that the node reports.'),
  systemUUID: text('The system UUID that the node reports.'),
  bootID: text('The boot ID that the node reports.'),
  kernelVersion: text('Version of the kernel.'),
  osImage: text('The operating system.'),
  containerRuntimeVersion: text('Name and version of the container runtime.'),
  kubeletVersion: text('Version of the kubelet.'),
  kubeProxyVersion: text('Not used any more.'),
  operatingSystem: text('linux or windows.'),
  architecture: text('Such as amd64.'),
  swap: object('Swap of the node.', { capacity: long('Bytes of swap.') }),
});

const image = object('A container image on the node.', { names: listOf(text(), 'Names of the image.'), sizeBytes: long('Its size.') });

const attachedVolume = object(
  'A volume attached to the node.',
  { name: text('Its name.'), devicePath: text('Its device.') },
  'name',
  'devicePath',
);

const status = object('What is of the node. Written by its kubelet.', {
  capacity: quantityMap('All that the node has.'),
  allocatable: quantityMap('What of it Pods may have.'),
  phase: text('Not used any more.'),
  conditions: keyed(condition, ['type'], 'What is so of the node.'),
  addresses: keyed(address, ['type'], 'Where it is reached.'),
  daemonEndpoints: object('Ports of its daemons.', {
    kubeletEndpoint: object('Where its kubelet listens.', { Port: integer('The port.') }, 'Port'),
  }),
  nodeInfo,
  images: listOf(image, 'Container images on the node.'),
  volumesInUse: listOf(text(), 'Volumes that are mounted.'),
  volumesAttached: listOf(attachedVolume, 'Volumes that are attached.'),
  config: opaque('Configuration that its kubelet took from the API.'),
  runtimeHandlers: listOf(opaque(), 'Runtime handlers that there are.'),
  features: opaque('What its runtime can do.'),
});

export const nodeSchema = kindSchema('A machine that runs workload.', {
  spec: object('How the node behaves.', {
    podCIDR: text('Addresses for its Pods.'),
    podCIDRs: setOf(text(), 'Addresses for its Pods, one range a family.'),
    providerID: text('What the provider of the machine calls it.'),
    unschedulable: boolean('Whether no new workload goes there (cordoned).'),
    taints: listOf(taint, 'What keeps workload away.'),
    externalID: text('Not used any more.'),
    configSource: opaque('Not used any more.'),
  }),
  status: defaulted(status, {}),
});
