import { must } from '../../../base/errors.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import { anything } from '../../schema/compile.ts';
import type { PatchSchema } from '../patch/schema.ts';
import { kindSchema } from '../registry/kind-schema.ts';
import type { KindSchema, KindSchemas } from '../registry/kind-schema.ts';
import { allVerbs, storagePrefix } from '../registry/resource.ts';
import type { FieldReader, Resource, Storage, Subresource } from '../registry/resource.ts';
import { isolateStatus, plainStrategy, withField } from '../registry/strategy.ts';
import type { Strategy } from '../registry/strategy.ts';
import { plainPath } from '../subresources/plain-path.ts';
import { customTable } from '../table/custom.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { valueAt } from '../values.ts';
import type { Definition, DefinitionVersion, ScaleSpec } from './definition.ts';
import { conversionOf } from './conversion.ts';
import { listKind, servedNames, singular } from './names.ts';

/** What a definition lets be served: one resource a served version. */
export function resourcesOf(definition: Definition, schemasFor: KindSchemas = kindSchema): Resource[] {
  const { spec } = definition;
  const names = servedNames(definition);
  const stored = spec.versions.find((version) => version.storage);
  if (stored === undefined) return [];
  const type = {
    group: spec.group,
    version: stored.name,
    kind: names.kind,
    plural: names.plural,
    namespaced: spec.scope === 'Namespaced',
  };
  const storage: Storage = { prefix: storagePrefix(spec.group, names.plural), type };
  const schemas = new Map(spec.versions.map((version) => [version.name, schemasFor(schemaOf(version))]));
  return spec.versions.filter((version) => version.served).map((version) => resourceOf(definition, version, storage, schemas));
}

function resourceOf(
  definition: Definition,
  version: DefinitionVersion,
  storage: Storage,
  schemas: ReadonlyMap<string, KindSchema>,
): Resource {
  const { metadata } = definition;
  const names = servedNames(definition);
  const type = { ...storage.type, version: version.name };
  const schema = schemaOf(version);
  const compiled = must(schemas.get(version.name), version.name);
  return {
    ...type,
    singular: singular(names),
    listKind: listKind(names),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs: allVerbs,
    custom: true,
    storage,
    conversion: conversionOf(type, storage.type, schemas),
    schema,
    kindSchema: compiled,
    strategy: strategyOf(version.subresources?.status !== undefined),
    table: customTable(version.additionalPrinterColumns ?? []),
    selectable: new Map((version.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.slice(1), readerOf(jsonPath)])),
    subresources: new Map(subresourcesOf(version).map((subresource) => [subresource.name, subresource])),
    ...(metadata.deletionTimestamp === undefined ? {} : { closed: 'create not allowed while custom resource definition is terminating' }),
    ...(version.deprecated === true
      ? { deprecation: version.deprecationWarning ?? `${apiVersionOf(type)} ${type.kind} is deprecated` }
      : {}),
  };
}

/** A CRD's list of items is no tuple: the structural check has seen to it. */
function schemaOf(version: DefinitionVersion): PatchSchema {
  const schema: object = version.schema?.openAPIV3Schema ?? anything;
  return isPatchSchema(schema) ? schema : {};
}

function isPatchSchema(schema: object): schema is PatchSchema {
  return !('items' in schema && Array.isArray(schema.items));
}

function strategyOf(hasStatus: boolean): Strategy {
  return plainStrategy(dnsSubdomain, {
    unconditionalUpdate: false,
    generations: true,
    ...(hasStatus ? { prepareCreate: (object) => withField(object, 'status', undefined), isolate: isolateStatus } : {}),
  });
}

/** The value at a selectable field as text; empty when it is not there. */
function readerOf(jsonPath: string): FieldReader {
  const path = plainPath(jsonPath);
  return (object) => {
    const value = valueAt(object, ...path);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  };
}

function subresourcesOf({ subresources }: DefinitionVersion): Subresource[] {
  const { status, scale } = subresources ?? {};
  return [...(status === undefined ? [] : [{ name: 'status' } as const]), ...(scale === undefined ? [] : [scaleOf(scale)])];
}

function scaleOf({ specReplicasPath, statusReplicasPath, labelSelectorPath }: ScaleSpec): Subresource {
  const paths = { specReplicas: plainPath(specReplicasPath), statusReplicas: plainPath(statusReplicasPath) };
  return { name: 'scale', paths: labelSelectorPath === undefined ? paths : { ...paths, selector: plainPath(labelSelectorPath) } };
}
