import type { JsonObject } from '../../schema/json.ts';
import type { PatchSchema } from '../patch/schema.ts';
import { allVerbs, storagePrefix, unconverted } from '../registry/resource.ts';
import type { Conversion, Description, FieldReader, Storage, Subresource } from '../registry/resource.ts';
import type { Strategy } from '../registry/strategy.ts';
import type { TableDefinition } from '../table/columns.ts';

/** What one writes down of a built-in kind; the rest follows. */
export interface BuiltIn {
  readonly group?: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly schema: PatchSchema;
  readonly strategy: Strategy;
  readonly table: TableDefinition;
  readonly selectable?: Readonly<Record<string, FieldReader>>;
  readonly subresources?: readonly Subresource[];
  readonly storage?: Storage;
  readonly conversion?: Conversion;
  readonly zero?: JsonObject;
}

/** A built-in kind, of version v1. */
export function builtIn(given: BuiltIn): Description {
  const type = { group: given.group ?? '', version: 'v1', kind: given.kind, plural: given.plural, namespaced: given.namespaced };
  return {
    ...type,
    singular: given.kind.toLowerCase(),
    listKind: `${given.kind}List`,
    shortNames: given.shortNames ?? [],
    categories: given.categories ?? [],
    verbs: allVerbs,
    custom: false,
    storage: given.storage ?? { prefix: storagePrefix(type.group, type.plural), type },
    conversion: given.conversion ?? unconverted,
    schema: given.schema,
    strategy: given.strategy,
    ...(given.zero === undefined ? {} : { zero: given.zero }),
    table: given.table,
    selectable: new Map(Object.entries(given.selectable ?? {})),
    subresources: new Map((given.subresources ?? []).map((subresource) => [subresource.name, subresource])),
  };
}
