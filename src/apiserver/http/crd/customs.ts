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

/** Who is told of what happens to definitions. */
export interface Followers {
  /** A resource is no longer served as it was. */
  readonly retire: (resource: Resource) => void;
  /** A definition waits for its objects to go. */
  readonly deleting: (definition: Definition) => void;
  /** Names of a group may have become free, or somebody may wait for one. */
  readonly renamed: (group: string) => void;
}

export function customs(registry: Registry, { retire, deleting, renamed }: Followers): Customs {
  const served = new Map<string, { readonly definition: Definition; readonly resources: readonly Resource[] }>();
  return {
    follow: (name, object) => {
      const before = served.get(name);
      if (object === undefined || !isDefinition(object)) {
        served.delete(name);
        registry.serve(name, []);
        before?.resources.forEach(retire);
        if (before !== undefined) renamed(before.definition.spec.group);
        return;
      }
      if (before === undefined ? !hasCondition(object, 'NamesAccepted') : !haveSameNames(before.definition, object)) {
        renamed(object.spec.group);
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
    haveSameNames(a, b) &&
    hasCondition(a, 'Established') === hasCondition(b, 'Established') &&
    terminating(a) === terminating(b)
  );
}

function haveSameNames(a: Definition, b: Definition): boolean {
  return deepEqual(jsonOf(a.status?.acceptedNames ?? {}), jsonOf(b.status?.acceptedNames ?? {}));
}

/** The definitions in the store. */
export function definitionsIn(store: Store): (Definition & UnknownObject)[] {
  return store
    .list(definitionsPrefix)
    .items.map((stored) => stored.object)
    .filter(isDefinition);
}
