/** The kinds that each verb is tried on, and what is to be known of them for that. */
import { suiteGroup } from '../definitions.ts';

export interface Subject {
  /** Short, for the names of groups. */
  readonly name: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** Where its objects are made. */
  readonly collection: string;
  readonly namespaced: boolean;
  readonly custom: boolean;
  /** The field that a user fills in, and two values of it. */
  readonly main: string;
  readonly one: object;
  readonly other: object;
  /** What `main` may not be. */
  readonly invalid?: object;
  /** The status subresource, and two values of it. */
  readonly status?: { readonly one: object; readonly other: object };
  readonly scale?: boolean;
  /** Of the scenarios only those whose names match: what another subject shows as well need not be shown again. */
  readonly only?: RegExp;
}

const widget: Subject = {
  name: 'widget',
  kind: 'Widget',
  apiVersion: `${suiteGroup}/v1`,
  collection: `/apis/${suiteGroup}/v1/namespaces/{id}/widgets`,
  namespaced: true,
  custom: true,
  main: 'spec',
  one: { colour: 'red' },
  other: { colour: 'blue', tags: ['a', 'b'], parts: [{ name: 'wheel', size: 2 }] },
  invalid: { colour: 'mauve', replicas: -1 },
  status: { one: { phase: 'Running', replicas: 1, selector: 'a=b' }, other: { conditions: [{ type: 'Ready', status: 'True' }] } },
  scale: true,
};

const gadget: Subject = {
  name: 'gadget',
  kind: 'Gadget',
  apiVersion: `${suiteGroup}/v1`,
  collection: `/apis/${suiteGroup}/v1/namespaces/{id}/gadgets`,
  namespaced: true,
  custom: true,
  main: 'spec',
  one: { colour: 'red' },
  other: { colour: 'blue', steps: ['cut', 'fold'] },
  invalid: { colour: 7, parts: [{ size: 1 }] },
};

const virtualMachine: Subject = {
  name: 'vm',
  kind: 'VirtualMachine',
  apiVersion: 'hypersphere.io/v1alpha1',
  collection: '/apis/hypersphere.io/v1alpha1/namespaces/{id}/virtualmachines',
  namespaced: true,
  custom: true,
  main: 'spec',
  one: { cpu: { cores: 1 }, memory: { size: '1Gi' } },
  other: { cpu: { cores: 2 }, memory: { size: '2Gi' }, powerState: 'PoweredOff' },
  invalid: { cpu: { cores: 0 }, memory: { size: 'much' } },
  status: { one: { observedGeneration: 1, conditions: [] }, other: { observedGeneration: 2, conditions: [] } },
  only: /^(create|status|delete)|newest|dry run|nothing|not valid|table/,
};

const configMap: Subject = {
  name: 'configmap',
  kind: 'ConfigMap',
  apiVersion: 'v1',
  collection: '/api/v1/namespaces/{id}/configmaps',
  namespaced: true,
  custom: false,
  main: 'data',
  one: { colour: 'red' },
  other: { colour: 'blue', size: 'big' },
  invalid: { 'no/such key': 'x' },
};

const node: Subject = {
  name: 'node',
  kind: 'Node',
  apiVersion: 'v1',
  collection: '/api/v1/nodes',
  namespaced: false,
  custom: false,
  main: 'spec',
  // Without its first taint, see the scenario about that one.
  one: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
  other: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'], taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] },
  invalid: { taints: [{ key: 'a b', effect: 'Never' }] },
  status: {
    one: { capacity: { cpu: '4', memory: '8Gi' }, conditions: [{ type: 'Ready', status: 'True' }] },
    other: { nodeInfo: nodeInfo('v1.37.0'), addresses: [{ type: 'InternalIP', address: '10.0.0.7' }] },
  },
};

function nodeInfo(version: string): object {
  const same = [
    'machineID',
    'systemUUID',
    'bootID',
    'kernelVersion',
    'osImage',
    'containerRuntimeVersion',
    'operatingSystem',
    'architecture',
  ];
  return { ...Object.fromEntries(same.map((field) => [field, 'x'])), kubeletVersion: version, kubeProxyVersion: '' };
}

export const subjects: readonly Subject[] = [widget, gadget, virtualMachine, configMap, node];

/** An object of the kind, whose name is that of the namespace unless another is given. */
export function objectOf(
  subject: Subject,
  more: { readonly metadata?: object; readonly [field: string]: unknown } = {},
): Record<string, unknown> {
  const { metadata, ...fields } = more;
  return {
    apiVersion: subject.apiVersion,
    kind: subject.kind,
    metadata: { name: '{id}', ...metadata },
    [subject.main]: subject.one,
    ...fields,
  };
}

/** Where the object of `objectOf` is. */
export function pathOf(subject: Subject): string {
  return `${subject.collection}/{id}`;
}
