import type { Json } from '../../meta/objects.ts';
import type { JsonSchema, ValidationRule } from './schema.ts';

/**
 * One place of a structural schema: what pruning, defaulting, list types and rules need to know of it.
 * Value validation (bounds, enums, `allOf`, …) is not here: it reads the schema itself.
 */
export interface SchemaNode {
  /** Empty when the schema names none (int-or-string, or unknown fields preserved). */
  readonly type: string;
  readonly format: string;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** Values of keys that are not in `properties`; `any` for `additionalProperties: true`. */
  readonly additional: SchemaNode | 'any' | undefined;
  readonly items: SchemaNode | undefined;
  readonly preserve: boolean;
  readonly embedded: boolean;
  readonly intOrString: boolean;
  readonly nullable: boolean;
  readonly default: Json | undefined;
  readonly listType: string;
  readonly listKeys: readonly string[];
  readonly rules: readonly ValidationRule[];
  /** What is found here or anywhere below. */
  readonly below: Below;
}

interface Below {
  readonly defaults: boolean;
  readonly rules: boolean;
  /** Lists of type set or map. */
  readonly lists: boolean;
  readonly embedded: boolean;
}

/** The structural tree of `schema`. With `root`, it stands for a whole object: its apiVersion, kind and metadata are not pruned. */
export function structural(schema: JsonSchema, root = false): SchemaNode {
  const properties = new Map(Object.entries(schema.properties ?? {}).map(([name, child]) => [name, structural(child)] as const));
  const additional = additionalOf(schema);
  const items = schema.items === undefined || Array.isArray(schema.items) ? undefined : structural(schema.items);
  const node = { ...ownKeywords(schema, root), properties, additional, items };
  const children = [...properties.values(), items, additional].filter((child) => typeof child === 'object');
  return { ...node, below: belowOf(node, children, root) };
}

type Leaf = Omit<SchemaNode, 'properties' | 'additional' | 'items' | 'below'>;

function ownKeywords(schema: JsonSchema, root: boolean): Leaf {
  const { type = '', format = '' } = schema;
  return {
    type,
    format,
    preserve: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: root || schema['x-kubernetes-embedded-resource'] === true,
    intOrString: schema['x-kubernetes-int-or-string'] === true,
    nullable: schema.nullable === true,
    // A default of null is none.
    default: schema.default ?? undefined,
    listType: schema['x-kubernetes-list-type'] ?? '',
    listKeys: schema['x-kubernetes-list-map-keys'] ?? [],
    rules: schema['x-kubernetes-validations'] ?? [],
  };
}

function belowOf(node: Leaf, children: readonly SchemaNode[], root: boolean): Below {
  return {
    defaults: node.default !== undefined || children.some((child) => child.below.defaults),
    rules: node.rules.length > 0 || children.some((child) => child.below.rules),
    lists: node.listType === 'set' || node.listType === 'map' || children.some((child) => child.below.lists),
    embedded: (node.embedded && !root) || children.some((child) => child.below.embedded),
  };
}

function additionalOf(schema: JsonSchema): SchemaNode | 'any' | undefined {
  const additional = schema.additionalProperties;
  if (additional === undefined || additional === false) return undefined;
  return additional === true ? 'any' : structural(additional);
}

/** The node of the values below `key`: a named property, else the additional ones; undefined where the schema says nothing. */
export function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  const named = node.properties.get(key);
  if (named !== undefined) return named;
  return typeof node.additional === 'object' ? node.additional : undefined;
}
