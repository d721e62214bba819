import type { UnknownObject } from '../../../meta/objects.ts';
import { deepEqual } from '../../schema/json.ts';
import type { Store } from '../../store/types.ts';
import { jsonOf } from '../objects.ts';
import type { Registry } from '../registry/registry.ts';
import { storagePrefix } from '../registry/resource.ts';
import type { Resource } from '../registry/resource.ts';
import { hasCondition, isDefinition } from './definition.ts';
import type { Definition } from './definition.ts';
import { resourcesOf } from './resources.ts';

export const definitionsPrefix = storagePrefix('apiextensions.k8s.io', 'customresourcedefinitions');

/** Keeps what is served in step with the definitions in the store. */
export interface Customs {
  /** Takes in a definition as it was written; undefined: it is gone. */
  follow(name: string, object: UnknownObject | undefined): void;
}

/** `retire` is told which resources are no longer served as they were; `deleting`, which definition waits for its objects to go. */
export function customs(registry: Registry, retire: (resource: Resource) => void, deleting: (definition: Definition) => void): Customs {
  const served = new Map<string, { readonly definition: Definition; readonly resources: readonly Resource[] }>();
  return {
    follow: (name, object) => {
      const before = served.get(name);
      if (object === undefined || !isDefinition(object)) {
        served.delete(name);
        registry.serve(name, []);
        before?.resources.forEach(retire);
        return;
      }
      if (object.metadata.deletionTimestamp !== undefined && before?.definition.metadata.deletionTimestamp === undefined) deleting(object);
      if (before !== undefined && isSame(before.definition, object)) {
        served.set(name, { definition: object, resources: before.resources });
        return;
      }
      const resources = hasCondition(object, 'Established') ? resourcesOf(object) : [];
      served.set(name, { definition: object, resources });
      registry.serve(name, resources);
      before?.resources.forEach(retire);
    },
  };
}

/** Whether the two are served in the same way. */
function isSame(a: Definition, b: Definition): boolean {
  const terminating = (definition: Definition): boolean => definition.metadata.deletionTimestamp !== undefined;
  return (
    deepEqual(jsonOf(a.spec), jsonOf(b.spec)) &&
    hasCondition(a, 'Established') === hasCondition(b, 'Established') &&
    terminating(a) === terminating(b)
  );
}

/** The definitions in the store. */
export function definitionsIn(store: Store): (Definition & UnknownObject)[] {
  return store
    .list(definitionsPrefix)
    .items.map((stored) => stored.object)
    .filter(isDefinition);
}
