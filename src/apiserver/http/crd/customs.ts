import type { UnknownObject } from '../../../meta/objects.ts';
import { deepEqual } from '../../schema/json.ts';
import type { Store } from '../../store/types.ts';
import { jsonOf } from '../objects.ts';
import type { KindSchemas } from '../registry/kind-schema.ts';
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

interface Served {
  readonly definition: Definition;
  /** What somebody may watch: what is served, and what was until the definition began to go. */
  readonly watched: readonly Resource[];
}

export function customs(registry: Registry, schemas: KindSchemas, followers: Followers): Customs {
  const { retire, deleting, renamed } = followers;
  const served = new Map<string, Served>();
  const forget = (name: string, before: Served | undefined): void => {
    served.delete(name);
    registry.serve(name, []);
    before?.watched.forEach(retire);
    if (before !== undefined) renamed(before.definition.spec.group);
  };
  const serve = (name: string, definition: Definition, before: Served | undefined): void => {
    if (before !== undefined && isSame(before.definition, definition)) {
      served.set(name, { definition, watched: before.watched });
      return;
    }
    const resources = hasCondition(definition, 'Established') ? resourcesOf(definition, schemas) : [];
    // Who watches hears of the ends of the objects too, before the definition is gone.
    const stays = before !== undefined && isSame(before.definition, definition, 'as it goes') ? before.watched : [];
    served.set(name, { definition, watched: [...stays, ...resources] });
    registry.serve(name, resources);
    if (stays.length === 0) before?.watched.forEach(retire);
  };
  return {
    follow: (name, object) => {
      const before = served.get(name);
      if (object === undefined || !isDefinition(object)) {
        forget(name, before);
        return;
      }
      if (before === undefined ? !hasCondition(object, 'NamesAccepted') : !haveSameNames(before.definition, object)) {
        renamed(object.spec.group);
      }
      if (isGoing(object) && !(before !== undefined && isGoing(before.definition))) deleting(object);
      serve(name, object, before);
    },
  };
}

function isGoing({ metadata }: Definition): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Whether the two are served in the same way, or but for `b` going. */
function isSame(a: Definition, b: Definition, how?: 'as it goes'): boolean {
  return (
    deepEqual(jsonOf(a.spec), jsonOf(b.spec)) &&
    haveSameNames(a, b) &&
    hasCondition(a, 'Established') === hasCondition(b, 'Established') &&
    (isGoing(a) === isGoing(b) || (how !== undefined && isGoing(b)))
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
