import { collectionPath } from '../../../meta/resource.ts';
import type { Resource, Subresource } from '../registry/resource.ts';

type Operation = Record<string, unknown>;

const parameterNames: Readonly<Record<string, readonly string[]>> = {
  get: [],
  list: [
    'allowWatchBookmarks',
    'continue',
    'fieldSelector',
    'labelSelector',
    'limit',
    'resourceVersion',
    'resourceVersionMatch',
    'sendInitialEvents',
    'timeoutSeconds',
    'watch',
  ],
  post: ['dryRun', 'fieldManager', 'fieldValidation'],
  put: ['dryRun', 'fieldManager', 'fieldValidation'],
  patch: ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
  delete: ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'],
  deletecollection: [
    'continue',
    'dryRun',
    'fieldSelector',
    'gracePeriodSeconds',
    'labelSelector',
    'limit',
    'orphanDependents',
    'propagationPolicy',
  ],
};

const types: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  orphanDependents: 'boolean',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
};

function parameters(action: string): object[] {
  return (parameterNames[action] ?? []).map((name) => ({
    name,
    in: 'query',
    schema: { type: types[name] ?? 'string', uniqueItems: true },
  }));
}

interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Target {
  readonly gvk: Gvk;
  /** The name of the schema among the components. */
  readonly schema: string | undefined;
}

function operation(action: string, { gvk, schema }: Target, more: Operation = {}): Operation {
  const content = {
    'application/json': { schema: schema === undefined ? { type: 'object' } : { $ref: `#/components/schemas/${schema}` } },
  };
  return {
    tags: [`${gvk.group === '' ? 'core' : gvk.group}_${gvk.version}`],
    parameters: parameters(action),
    responses: { '200': { description: 'OK', content } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    ...more,
  };
}

const nameParameter = { name: 'name', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };
const namespaceParameter = { name: 'namespace', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };

function body(schema: string | undefined): Operation {
  const content = { schema: schema === undefined ? { type: 'object' } : { $ref: `#/components/schemas/${schema}` } };
  return { requestBody: { content: { 'application/json': content, 'application/yaml': content }, required: true } };
}

function patchBody(custom: boolean): Operation {
  const media = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
  const all = custom ? media : [...media, 'application/strategic-merge-patch+json'];
  return { requestBody: { content: Object.fromEntries(all.map((type) => [type, { schema: { type: 'object' } }])), required: true } };
}

/** The paths of a resource, as an OpenAPI document has them. `schema`: the name of its schema among the components. */
export function pathsOf(resource: Resource, schema: string): Record<string, object> {
  const { group, version, kind } = resource;
  const target: Target = { gvk: { group, version, kind }, schema };
  const root = collectionPath(resource, resource.namespaced ? '{namespace}' : undefined).replace('%7Bnamespace%7D', '{namespace}');
  const shared = resource.namespaced ? [namespaceParameter] : [];
  const paths: Record<string, object> = {
    [root]: {
      get: operation('list', { ...target, schema: `${schema}List` }),
      post: operation('post', target, body(schema)),
      ...(resource.verbs.includes('deletecollection') ? { delete: operation('deletecollection', { ...target, schema: undefined }) } : {}),
      parameters: shared,
    },
    [`${root}/{name}`]: {
      ...objectOperations(resource, target, schema),
      delete: operation('delete', { ...target, schema: undefined }),
      parameters: [nameParameter, ...shared],
    },
  };
  if (resource.namespaced) {
    paths[collectionPath(resource)] = { get: operation('list', { ...target, schema: `${schema}List` }) };
  }
  for (const subresource of resource.subresources.values()) {
    paths[`${root}/{name}/${subresource.name}`] = {
      ...subresourceOperations(resource, subresource, target, schema),
      parameters: [nameParameter, ...shared],
    };
  }
  return paths;
}

function objectOperations(resource: Resource, target: Target, schema: string): Operation {
  return {
    get: operation('get', target),
    put: operation('put', target, body(schema)),
    patch: operation('patch', target, patchBody(resource.custom)),
  };
}

function subresourceOperations(resource: Resource, subresource: Subresource, target: Target, schema: string): Operation {
  switch (subresource.name) {
    case 'binding':
    case 'eviction':
      return { post: operation('post', { gvk: subresource.creates, schema: undefined }, body(undefined)) };
    case 'finalize':
      return { put: operation('put', target, body(schema)) };
    case 'scale':
      return objectOperations(
        { ...resource, custom: true },
        { gvk: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, schema: undefined },
        schema,
      );
    default:
      return objectOperations(resource, target, schema);
  }
}

/** What a list of the kind looks like. */
export function listSchema(resource: Resource, schema: string, listMetaRef: string): object {
  return {
    type: 'object',
    description: `${resource.listKind} is a list of ${resource.kind}.`,
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'The group and version of the API.' },
      kind: { type: 'string', description: 'The kind of the list.' },
      metadata: { allOf: [{ $ref: listMetaRef }], description: 'Standard metadata of a list.' },
      items: { type: 'array', items: { $ref: `#/components/schemas/${schema}` } },
    },
    'x-kubernetes-group-version-kind': [{ group: resource.group, version: resource.version, kind: resource.listKind }],
  };
}
