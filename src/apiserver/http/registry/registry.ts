import { kindSchema, type KindSchemas } from './kind-schema.ts';
import type { Description, Resource } from './resource.ts';

/** What this server serves at the moment. */
export interface Registry {
  find(group: string, version: string, plural: string): Resource | undefined;
  /** In no order. */
  all(): readonly Resource[];
  hasVersion(group: string, version: string): boolean;
  /** Puts `resources` in place of what `owner`, a CustomResourceDefinition, served before. */
  serve(owner: string, resources: readonly Resource[]): void;
  /** Grows with each change of what is served: what was made from it is then out of date. */
  generation(): number;
}

export function registry(described: readonly Description[], schemas: KindSchemas = kindSchema): Registry {
  const builtIns = described.map((resource) => ({ ...resource, kindSchema: schemas(resource.schema) }));
  const byOwner = new Map<string, readonly Resource[]>([['', builtIns]]);
  let index = indexOf(builtIns);
  let generation = 0;
  return {
    find: (group, version, plural) => index.get(keyOf(group, version, plural)),
    all: () => [...index.values()],
    hasVersion: (group, version) => [...index.values()].some((resource) => resource.group === group && resource.version === version),
    serve: (owner, resources) => {
      if (resources.length === 0) byOwner.delete(owner);
      else byOwner.set(owner, resources);
      index = indexOf([...byOwner.values()].flat());
      generation++;
    },
    generation: () => generation,
  };
}

function keyOf(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}

function indexOf(resources: readonly Resource[]): Map<string, Resource> {
  // What comes first stays: no definition takes the place of a built-in kind.
  return new Map([...resources].reverse().map((resource) => [keyOf(resource.group, resource.version, resource.plural), resource]));
}
