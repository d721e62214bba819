import type { Client } from '../../kube/types.ts';
import type { KubeObject, ObjectRef, OwnerReference } from '../../meta/objects.ts';
import type { Served } from '../discovery.ts';
import { foregroundFinalizer } from './graph.ts';

/**
 * What an owner that an object names is, by the server's own word:
 * `there`; `absent` for certain; `waiting` for its dependents to go before it goes; `unknown` when nobody can tell, because no such kind is
 * served or the object could not have such an owner.
 */
export type OwnerState = 'there' | 'absent' | 'waiting' | 'unknown';

export interface Owners {
  /** @throws what the client throws. */
  stateOf(reference: OwnerReference, dependent: ObjectRef): Promise<OwnerState>;
}

/** How many absent owners are remembered, so that a thousand dependents of one cost one question. */
const remembered = 2000;

/** @param client asks for metadata only. */
export function owners(client: Client, served: () => Served): Owners {
  const absent = new Set<string>();
  const remember = (key: string): void => {
    for (const oldest of absent) {
      if (absent.size < remembered) break;
      absent.delete(oldest);
    }
    absent.add(key);
  };
  return {
    async stateOf(reference, dependent) {
      const type = served().byKind(reference.apiVersion, reference.kind);
      if (type === undefined || (type.namespaced && dependent.namespace === undefined)) return 'unknown';
      const ref = type.namespaced ? { name: reference.name, namespace: dependent.namespace ?? '' } : { name: reference.name };
      const key = [type.group, type.plural, ref.namespace, ref.name, reference.uid].join('/');
      // A uid is given once: what was absent stays absent.
      if (absent.has(key)) return 'absent';
      const owner: KubeObject | undefined = await client.get(type, ref);
      if (owner?.metadata.uid !== reference.uid) {
        remember(key);
        return 'absent';
      }
      const { deletionTimestamp, finalizers = [] } = owner.metadata;
      return deletionTimestamp !== undefined && finalizers.includes(foregroundFinalizer) ? 'waiting' : 'there';
    },
  };
}
