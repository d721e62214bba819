/** The CustomResourceDefinition of a kind, made from its one schema. */
import type { KindDefinition } from './kind.ts';
import type { KubeObject } from '../meta/objects.ts';

/** A node of a structural OpenAPI schema, as plain JSON. */
export interface SchemaNode {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
  readonly required?: readonly string[];
  readonly default?: unknown;
}

/** The CRD, ready to be written as YAML. */
export function crdOf(kind: KindDefinition<KubeObject>) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [kind.shortName],
        categories: ['hypersphere'],
      },
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      versions: [versionOf(kind)],
    },
  };
}

function versionOf(kind: KindDefinition<KubeObject>) {
  const { scale, selectableFields } = kind;
  return {
    name: kind.version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schemaOf(kind) },
    subresources: { status: {}, ...(scale === undefined ? {} : { scale }) },
    ...(selectableFields === undefined ? {} : { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
    additionalPrinterColumns: kind.columns.map(({ name, type, jsonPath, priority, description }) => ({
      name,
      type,
      jsonPath,
      ...(priority === undefined ? {} : { priority }),
      ...(description === undefined ? {} : { description }),
    })),
  };
}

/** The whole object's schema. A spec in which nothing is required may be left out. */
export function schemaOf(kind: KindDefinition<KubeObject>): SchemaNode {
  const spec = kind.spec === undefined ? undefined : cleaned(kind.spec);
  const needsSpec = (spec?.required ?? []).length > 0;
  return {
    description: kind.description,
    type: 'object',
    ...(needsSpec ? { required: ['spec'] } : {}),
    ...(kind.rules === undefined ? {} : { 'x-kubernetes-validations': kind.rules }),
    properties: {
      apiVersion: { type: 'string', description: 'The group and version of this schema.' },
      kind: { type: 'string', description: 'The kind.' },
      metadata: metadataOf(kind),
      ...(spec === undefined ? {} : { spec: needsSpec ? spec : { ...spec, default: spec.default ?? {} } }),
      status: cleaned(kind.status),
    },
  };
}

function metadataOf({ maxNameLength }: KindDefinition<KubeObject>): SchemaNode {
  return { type: 'object', ...(maxNameLength === undefined ? {} : { properties: { name: { type: 'string', maxLength: maxNameLength } } }) };
}

/** Plain JSON, in which a property that has a default is not required. */
function cleaned(schema: object): SchemaNode {
  const plain: unknown = JSON.parse(JSON.stringify(schema));
  return isNode(plain) ? relaxed(plain) : {};
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function relaxed(node: SchemaNode): SchemaNode {
  const { properties, items, additionalProperties, required, ...rest } = node;
  const needed = (required ?? []).filter((name) => properties?.[name]?.default === undefined);
  return {
    ...rest,
    ...(needed.length === 0 ? {} : { required: needed }),
    // The server drops an empty map, and each apply would put it back.
    ...(properties === undefined || Object.keys(properties).length === 0
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, relaxed(child)])) }),
    ...(items === undefined ? {} : { items: relaxed(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: relaxed(additionalProperties) }),
  };
}
