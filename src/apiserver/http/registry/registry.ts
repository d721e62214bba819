import { kindSchema } from './kind-schema.ts';
import type { KindSchema } from './kind-schema.ts';
import type { Resource } from './resource.ts';

/** What this server serves at the moment. */
export interface Registry {
  find(group: string, version: string, plural: string): Resource | undefined;
  /** In the order of groups, versions and names that discovery has. */
  all(): readonly Resource[];
  hasVersion(group: string, version: string): boolean;
  schemaOf(resource: Resource): KindSchema;
  /** Puts `resources` in place of what `owner`, a CustomResourceDefinition, served before. */
  serve(owner: string, resources: readonly Resource[]): void;
  /** Grows with each change of what is served: what was made from it is then out of date. */
  generation(): number;
}

export function registry(builtIns: readonly Resource[]): Registry {
  const byOwner = new Map<string, readonly Resource[]>([['', builtIns]]);
  const schemas = new Map<Resource['schema'], KindSchema>();
  let index = indexOf(builtIns);
  let generation = 0;
  return {
    find: (group, version, plural) => index.get(keyOf(group, version, plural)),
    all: () => [...index.values()],
    hasVersion: (group, version) => [...index.values()].some((resource) => resource.group === group && resource.version === version),
    schemaOf: ({ schema }) => {
      const known = schemas.get(schema) ?? kindSchema(schema);
      schemas.set(schema, known);
      return known;
    },
    serve: (owner, resources) => {
      for (const old of byOwner.get(owner) ?? []) schemas.delete(old.schema);
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
  return new Map(resources.map((resource) => [keyOf(resource.group, resource.version, resource.plural), resource]));
}
