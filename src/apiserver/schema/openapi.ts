import type { Json } from '../../meta/objects.ts';
import { isObject, type JsonObject } from './json.ts';
import type { JsonSchema } from './schema.ts';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Where the document that the schema becomes part of must have ObjectMeta. */
export const objectMetaRef = '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const apiVersion = {
  description:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  type: 'string',
};
const kind = {
  description:
    'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  type: 'string',
};
const metadata = {
  description:
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  allOf: [{ $ref: objectMetaRef }],
};

/** The schema of a kind as it stands in an OpenAPI v3 document, for `kubectl explain` and validation by clients. The schema itself is not changed. */
export function toOpenApiSchema(schema: JsonSchema, gvk: GroupVersionKind): JsonObject {
  const rendered = render(JSON.parse(JSON.stringify(schema)) as Json, true);
  const result = isObject(rendered) ? rendered : {};
  result['x-kubernetes-group-version-kind'] = [{ group: gvk.group, version: gvk.version, kind: gvk.kind }];
  return result;
}

/** Gives whole objects, the root and those embedded, what every object has. */
function render(schema: Json, root: boolean): Json {
  if (!isObject(schema)) return schema;
  const { properties, items, additionalProperties } = schema;
  if (isObject(properties)) for (const name of Object.keys(properties)) properties[name] = render(properties[name] ?? null, false);
  if (items !== undefined) schema['items'] = render(items, false);
  if (additionalProperties !== undefined) schema['additionalProperties'] = render(additionalProperties, false);
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  if (!root && !embedded) return schema;
  schema['type'] ??= 'object';
  const implied: JsonObject = structuredClone({ apiVersion, kind, metadata });
  schema['properties'] = { ...(isObject(properties) ? properties : {}), ...implied };
  if (embedded && !root)
    schema['required'] = [...new Set([...(Array.isArray(schema['required']) ? schema['required'] : []), 'kind', 'apiVersion'])];
  return schema;
}
