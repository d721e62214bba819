import type { PatchSchema } from '../../patch/schema.ts';
import { boolean, defaulted, integer, keyed, listOf, object, opaque, quantityMap, text } from '../words.ts';

const port = object(
  'A port of the container.',
  {
    name: text('Its name.'),
    hostPort: integer('The port of the Node.'),
    containerPort: integer('The port of the container.'),
    protocol: defaulted(text('TCP, UDP or SCTP.'), 'TCP'),
    hostIP: text('The address of the Node.'),
  },
  'containerPort',
);

const variable = object(
  'An environment variable.',
  { name: text('Its name.'), value: text('Its value.'), valueFrom: opaque('Where its value comes from.') },
  'name',
);

const mount = object(
  'Where a volume is seen.',
  {
    name: text('The volume.'),
    readOnly: boolean('Whether it can only be read.'),
    recursiveReadOnly: text('Disabled, IfPossible or Enabled.'),
    mountPath: text('The path in the container.'),
    subPath: text('The path in the volume.'),
    mountPropagation: text('How mounts below it are seen.'),
    subPathExpr: text('The path in the volume, with variables.'),
  },
  'name',
  'mountPath',
);

const device = object('A raw device.', { name: text('The volume.'), devicePath: text('The path in the container.') }, 'name', 'devicePath');

const claim = object('A claim of a device.', { name: text('Its name.'), request: text('The request in it.') }, 'name');

const resources = object('What the container needs.', {
  limits: quantityMap('At most.'),
  requests: quantityMap('At least.'),
  claims: keyed(claim, ['name'], 'Claims of devices.'),
});

const resizePolicy = object(
  'How a change of a resource is made.',
  { resourceName: text('The resource.'), restartPolicy: text('NotRequired or RestartContainer.') },
  'resourceName',
  'restartPolicy',
);

const container = object(
  'A container of the Pod.',
  {
    name: text('Its name.'),
    image: text('Its image.'),
    command: listOf(text(), 'What is run.'),
    args: listOf(text(), 'Arguments of the command.'),
    workingDir: text('Where it is run.'),
    ports: keyed(port, ['containerPort', 'protocol'], 'Ports that it listens on.'),
    envFrom: listOf(opaque(), 'Where environment variables come from.'),
    env: keyed(variable, ['name'], 'Environment variables.'),
    resources: defaulted(resources, {}),
    resizePolicy: listOf(resizePolicy, 'How changes of resources are made.'),
    restartPolicy: text('For init containers: Always makes a sidecar.'),
    restartPolicyRules: listOf(opaque(), 'What is done on which exit code.'),
    volumeMounts: keyed(mount, ['mountPath'], 'Where volumes are seen.'),
    volumeDevices: keyed(device, ['devicePath'], 'Raw devices.'),
    livenessProbe: opaque('How one sees that it lives.'),
    readinessProbe: opaque('How one sees that it is ready.'),
    startupProbe: opaque('How one sees that it has started.'),
    lifecycle: opaque('What is run after its start and before its end.'),
    terminationMessagePath: defaulted(text('Where it writes its last words.'), '/dev/termination-log'),
    terminationMessagePolicy: defaulted(text('File or FallbackToLogsOnError.'), 'File'),
    imagePullPolicy: text('Always, IfNotPresent or Never.'),
    securityContext: opaque('User, group and rights.'),
    stdin: boolean('Whether it has an input.'),
    stdinOnce: boolean('Whether the input ends with the first client.'),
    tty: boolean('Whether it has a terminal.'),
    targetContainerName: text('For ephemeral containers: whose processes it sees.'),
  },
  'name',
);

export function containerList(description: string): PatchSchema {
  return keyed(container, ['name'], description);
}
