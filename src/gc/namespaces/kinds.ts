import type { KubeObject } from '../../meta/objects.ts';
import type { Kind } from '../../meta/resource.ts';
import type { NamespaceCondition } from './conditions.ts';

/** A Namespace with what its life cycle writes. */
export interface LivingNamespace extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string; conditions?: NamespaceCondition[] };
}
export const LivingNamespace: Kind<LivingNamespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

export const ServiceAccount: Kind<KubeObject> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};
