import type { UnknownObject } from '../../../meta/objects.ts';
import { invalid, notSupported, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { plainStrategy, withField } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { ageColumn, column, nameColumn, wide } from '../table/columns.ts';
import { dnsSubdomain, labelValueRule, qualifiedName } from '../validate/names.ts';
import { fieldsAt, isFields, listAt, textAt, valueAt } from '../values.ts';
import type { Fields } from '../values.ts';
import { builtIn } from './builtin.ts';
import { nodeSchema } from './schemas/node.ts';

const noInfo = Object.fromEntries(
  [
    'machineID',
    'systemUUID',
    'bootID',
    'kernelVersion',
    'osImage',
    'containerRuntimeVersion',
    'kubeletVersion',
    'kubeProxyVersion',
    'operatingSystem',
    'architecture',
  ].map((field) => [field, '']),
);
const zeroStatus = { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: noInfo };

/** With the fields that a Node always has, and all that it has for Pods unless its kubelet said less. */
function complete(object: UnknownObject): UnknownObject {
  const { spec = {}, status = {} } = object;
  if (!isFields(spec) || !isFields(status)) return object;
  const amounts = quantities(status);
  const conditions = listAt(status, 'conditions').map((condition) =>
    isFields(condition) ? { lastHeartbeatTime: null, lastTransitionTime: null, ...condition } : condition,
  );
  return {
    ...object,
    spec,
    status: {
      ...zeroStatus,
      ...(amounts['capacity'] === undefined ? {} : { allocatable: amounts['capacity'] }),
      ...status,
      ...amounts,
      nodeInfo: { ...noInfo, ...fieldsAt(status, 'nodeInfo') },
      ...(conditions.length === 0 ? {} : { conditions }),
    },
  };
}

/** A quantity may be written as a number; it is a text from then on. */
function quantities(status: Fields): Fields {
  const asTexts = (amounts: Fields): Fields =>
    Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, typeof amount === 'number' ? String(amount) : amount]));
  return Object.fromEntries(
    ['capacity', 'allocatable'].flatMap((field) => {
      const amounts = status[field];
      return isFields(amounts) ? [[field, asTexts(amounts)]] : [];
    }),
  );
}

const rolePrefix = 'node-role.kubernetes.io/';
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const nodes = builtIn({
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
  shortNames: ['no'],
  schema: nodeSchema,
  strategy: plainStrategy(dnsSubdomain, {
    createsStatus: true,
    prepareCreate: complete,
    isolate: (next, before, door) =>
      complete(door === 'status' ? withField(next, 'spec', before['spec']) : withField(next, 'status', before['status'])),
    // A real server places them in the metadata.
    validate: (object) => listAt(object, 'spec', 'taints').flatMap((taint, i) => validateTaint(taint, `metadata.taints[${String(i)}]`)),
    validateUpdate: validateProvider,
  }),
  table: {
    columns: [
      nameColumn,
      column('Status', 'string', 'Whether the node is ready, and cordoned.'),
      column('Roles', 'string', 'The roles of the node.'),
      ageColumn,
      column('Version', 'string', 'Version of its kubelet.'),
      wide('Internal-IP'),
      wide('External-IP'),
      wide('OS-Image'),
      wide('Kernel-Version'),
      wide('Container-Runtime'),
    ],
    cells: (object, now) => [
      object.metadata.name,
      statusOf(object),
      rolesOf(object),
      since(object.metadata.creationTimestamp, now),
      textAt(object, 'status', 'nodeInfo', 'kubeletVersion'),
      addressOf(object, 'InternalIP'),
      addressOf(object, 'ExternalIP'),
      ...['osImage', 'kernelVersion', 'containerRuntimeVersion'].map((field) => textAt(object, 'status', 'nodeInfo', field) || '<unknown>'),
    ],
  },
  selectable: { 'spec.unschedulable': (object) => String(valueAt(object, 'spec', 'unschedulable') === true) },
  subresources: [{ name: 'status' }],
  zero: { metadata: {}, spec: {}, status: zeroStatus },
});

function statusOf(object: UnknownObject): string {
  const ready = listAt(object, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  const words = [ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'];
  if (valueAt(object, 'spec', 'unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesOf(object: UnknownObject): string {
  const roles = Object.entries(object.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) return [key.slice(rolePrefix.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return roles.length === 0 ? '<none>' : [...new Set(roles)].sort().join(',');
}

function addressOf(object: UnknownObject, type: string): string {
  const address = listAt(object, 'status', 'addresses').find((candidate) => textAt(candidate, 'type') === type);
  return textAt(address, 'address') || '<none>';
}

function validateTaint(taint: unknown, path: string): Cause[] {
  const key = textAt(taint, 'key');
  const effect = textAt(taint, 'effect');
  const causes = qualifiedName(key).map((why) => invalid(`${path}.key`, key, why));
  causes.push(...labelValueRule(textAt(taint, 'value')).map((why) => invalid(`${path}.value`, textAt(taint, 'value'), why)));
  if (effect === '') causes.push(required(`${path}.effect`));
  else if (!effects.includes(effect)) causes.push(notSupported(`${path}.effect`, effect, effects));
  return causes;
}

function validateProvider(next: UnknownObject, before: UnknownObject): Cause[] {
  const old = textAt(before, 'spec', 'providerID');
  if (old === '' || old === textAt(next, 'spec', 'providerID')) return [];
  return [invalid('spec.providerID', null, 'field cannot be modified once set')];
}
