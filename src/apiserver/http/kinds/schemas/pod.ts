import { kindSchema } from '../metadata.ts';
import { boolean, defaulted, integer, keyed, listOf, long, object, opaque, quantityMap, text, textMap } from '../words.ts';
import type { PatchSchema } from '../../patch/schema.ts';
import { containerList } from './container.ts';
import { localReference } from './reference.ts';
import { podStatusSchema } from './pod-status.ts';

const toleration: PatchSchema = {
  ...object('A taint that the Pod can live with.', {
    key: text('The key of the taint. Empty with operator Exists: every taint.'),
    operator: text('Exists or Equal; absent means Equal.'),
    value: text('The value of the taint.'),
    effect: text('The effect of the taint. Empty: every effect.'),
    tolerationSeconds: long('How long a NoExecute taint is borne. Absent: for ever.'),
  }),
};

const hostAlias = object('A line for /etc/hosts.', { ip: text('The address.'), hostnames: listOf(text(), 'Its names.') }, 'ip');
const readinessGate = object('A condition that readiness needs.', { conditionType: text('Type of the condition.') }, 'conditionType');
const schedulingGate = object('Something that holds scheduling back.', { name: text('Its name.') }, 'name');

const topologySpread = object(
  'How Pods spread over a topology.',
  {
    maxSkew: integer('How uneven it may be.'),
    topologyKey: text('The label of Nodes that makes the domains.'),
    whenUnsatisfiable: text('DoNotSchedule or ScheduleAnyway.'),
    labelSelector: opaque('Which Pods are counted.'),
    minDomains: integer('How many domains there must be.'),
    nodeAffinityPolicy: text('Honor or Ignore.'),
    nodeTaintsPolicy: text('Honor or Ignore.'),
    matchLabelKeys: listOf(text(), 'Labels whose values are taken from the Pod.'),
  },
  'maxSkew',
  'topologyKey',
  'whenUnsatisfiable',
);

/** Volumes have some thirty kinds of source; their insides are kept as they come. */
const volume: PatchSchema = {
  ...object('A volume of the Pod.', { name: text('Its name.') }, 'name'),
  'x-kubernetes-preserve-unknown-fields': true,
};

const resources = object('What the Pod needs in all.', {
  limits: quantityMap('At most.'),
  requests: quantityMap('At least.'),
  claims: listOf(opaque(), 'Claims of devices.'),
});

const podSpec = object(
  'What the Pod is to be.',
  {
    volumes: keyed(volume, ['name'], 'Volumes that containers may mount.'),
    initContainers: containerList('Containers that run one after another before the others.'),
    containers: containerList('The containers. There is at least one.'),
    ephemeralContainers: containerList('Containers for debugging.'),
    restartPolicy: defaulted(text('Always, OnFailure or Never.'), 'Always'),
    terminationGracePeriodSeconds: defaulted(long('How long the Pod may take to end by itself.'), 30),
    activeDeadlineSeconds: long('How long the Pod may run.'),
    dnsPolicy: defaulted(text('ClusterFirst, ClusterFirstWithHostNet, Default or None.'), 'ClusterFirst'),
    nodeSelector: { ...textMap('Labels that the Node must have.'), 'x-kubernetes-map-type': 'atomic' },
    serviceAccountName: text('The account that the Pod runs as.'),
    serviceAccount: text('The same, as it was called before.'),
    automountServiceAccountToken: boolean('Whether a token of the account is mounted.'),
    nodeName: text('The Node that the Pod is bound to.'),
    hostNetwork: boolean('Whether it uses the network of its Node.'),
    hostPID: boolean('Whether it sees the processes of its Node.'),
    hostIPC: boolean('Whether it uses the IPC of its Node.'),
    hostUsers: boolean('Whether it uses the users of its Node.'),
    hostnameOverride: text('The host name that the Pod sees.'),
    shareProcessNamespace: boolean('Whether its containers see the processes of each other.'),
    securityContext: defaulted(opaque('Users, groups and rights of the Pod.'), {}),
    imagePullSecrets: keyed(localReference('A Secret.'), ['name'], 'Secrets to pull images with.'),
    hostname: text('Its host name.'),
    subdomain: text('Its subdomain.'),
    affinity: opaque('Where it would like to run, and where it must.'),
    schedulerName: defaulted(text('Who schedules it.'), 'default-scheduler'),
    tolerations: listOf(toleration, 'Taints that it can live with.'),
    hostAliases: keyed(hostAlias, ['ip'], 'Lines for /etc/hosts.'),
    priorityClassName: text('Its priority, by name.'),
    priority: integer('Its priority.'),
    preemptionPolicy: text('PreemptLowerPriority or Never.'),
    dnsConfig: opaque('Names that it resolves.'),
    readinessGates: listOf(readinessGate, 'Conditions that readiness needs.'),
    runtimeClassName: text('The runtime that it wants.'),
    enableServiceLinks: defaulted(boolean('Whether Services stand in its environment.'), true),
    overhead: quantityMap('What its runtime needs for itself.'),
    topologySpreadConstraints: keyed(topologySpread, ['topologyKey', 'whenUnsatisfiable'], 'How Pods like it spread.'),
    setHostnameAsFQDN: boolean('Whether the host name is the full one.'),
    os: object('Its operating system.', { name: text('linux or windows.') }, 'name'),
    schedulingGates: keyed(schedulingGate, ['name'], 'What holds scheduling back.'),
    resourceClaims: keyed(volume, ['name'], 'Claims of devices.'),
    resources,
  },
  'containers',
);

export const podSchema = kindSchema('Containers that run together on one Node.', { spec: podSpec, status: podStatusSchema });
