import type { Cache, ChangeHandler } from '../../src/kube/types.ts';
import { keyOf, type KubeObject } from '../../src/meta/objects.ts';
import type { Kind } from '../../src/meta/resource.ts';

/** A cache whose content and changes the test tells. */
export function told<T extends KubeObject>(kind: Kind<T>, ...objects: T[]): Cache<T> & { tell: ChangeHandler<T> } {
  const handlers = new Set<ChangeHandler<T>>();
  return {
    kind,
    get: (ref) => objects.find((object) => keyOf(object.metadata) === keyOf(ref)),
    list: () => objects,
    byIndex: () => [],
    synced: () => true,
    silentFor: () => 0,
    onChange: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    tell: (before, after) => {
      for (const handler of handlers) handler(before, after);
    },
  };
}
