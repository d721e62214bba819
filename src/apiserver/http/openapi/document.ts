import { objectMetaRef, toOpenApiSchema } from '../../schema/openapi.ts';
import { listMeta, objectMeta } from '../kinds/metadata.ts';
import type { Resource } from '../registry/resource.ts';
import { version } from '../version.ts';
import { listSchema, pathsOf } from './paths.ts';

const schemas = '#/components/schemas/';
const listMetaRef = `${schemas}io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta`;

/** The OpenAPI v3 document of one group and version, as JSON. */
export function openApiDocument(resources: readonly Resource[]): string {
  const components: Record<string, unknown> = {
    [objectMetaRef.slice(schemas.length)]: objectMeta,
    [listMetaRef.slice(schemas.length)]: listMeta,
  };
  const paths: Record<string, object> = {};
  for (const resource of resources) {
    const name = schemaName(resource);
    components[name] = toOpenApiSchema(resource.schema, resource);
    components[`${name}List`] = listSchema(resource, name, listMetaRef);
    Object.assign(paths, pathsOf(resource, name));
  }
  return JSON.stringify({
    openapi: '3.0.0',
    info: { title: 'Hypersphere', version: version.gitVersion },
    paths,
    components: { schemas: components },
  });
}

/** `io.k8s.api.core.v1.Pod`, `io.hypersphere.sim.v1alpha1.HostPool`. */
export function schemaName({ group, version: of, kind, custom }: Resource): string {
  if (!custom && group !== 'apiextensions.k8s.io') return `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? '')}.${of}.${kind}`;
  if (!custom) return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${of}.${kind}`;
  return [...group.split('.').reverse(), of, kind].join('.');
}
