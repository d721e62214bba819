/** The kinds that the churn plays with. */
import { HostCluster } from '../../src/api/host-cluster.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import type { Draft, ListOptions } from '../../src/kube/types.ts';
import { Lease } from '../../src/meta/core.ts';
import type { KubeObject, ObjectRef } from '../../src/meta/objects.ts';
import { apiVersionOf, type Kind } from '../../src/meta/resource.ts';

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}
export const ConfigMap: Kind<ConfigMap> = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

export const namespaces = ['churn-a', 'churn-b'] as const;
export const colors = ['red', 'green', 'blue'] as const;
/** Holds up a delete until it is taken away. */
export const finalizer = 'churn.hypersphere.io/held';

export interface Subject {
  readonly kind: Kind<KubeObject>;
  /** Whether some of its objects have a finalizer. */
  readonly held: boolean;
  /** What a new one has, and what a change changes. `size` is a number that differs from write to write. */
  content(size: number): object;
  /** A change of the status, where that is written by itself. */
  status?(size: number): object;
}

export const subjects: readonly Subject[] = [
  { kind: ConfigMap, held: true, content: (size) => ({ data: { size: String(size), text: 'x'.repeat(size % 700) } }) },
  { kind: Lease, held: false, content: (size) => ({ spec: { holderIdentity: String(size), leaseDurationSeconds: 40 } }) },
  {
    kind: VirtualMachine,
    held: true,
    content: (size) => ({ spec: { cpu: { cores: 1 + (size % 8) }, memory: { size: '1Gi' } } }),
    status: (size) => ({ status: { phase: 'Running', incarnation: size } }),
  },
  {
    kind: HostCluster,
    held: false,
    content: (size) => ({ spec: { hostSelector: { matchLabels: { size: String(size) } } } }),
    status: (size) => ({ status: { observedGeneration: size } }),
  },
];

export function draftOf({ kind, content }: Subject, ref: ObjectRef, labels: Record<string, string>, size: number): Draft<KubeObject> {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...ref, labels }, ...content(size) };
}

export interface Watched {
  readonly kind: Kind<KubeObject>;
  readonly selection: ListOptions;
}

/** What our caches follow. */
export const watched: readonly Watched[] = [
  { kind: ConfigMap, selection: {} },
  { kind: ConfigMap, selection: { namespace: 'churn-a' } },
  { kind: ConfigMap, selection: { labelSelector: 'color=red' } },
  { kind: ConfigMap, selection: { fieldSelector: 'metadata.name=m1' } },
  { kind: Lease, selection: { namespace: 'churn-b' } },
  { kind: VirtualMachine, selection: {} },
  { kind: HostCluster, selection: {} },
];

/** What a cache must have right: all but what servers and clients may leave out. */
export function essence(object: KubeObject): object {
  const { metadata, ...rest } = object as KubeObject & Record<string, unknown>;
  const { uid, resourceVersion, labels } = metadata;
  const { data, spec, status } = rest;
  return { uid, resourceVersion, labels, data, spec, status };
}
