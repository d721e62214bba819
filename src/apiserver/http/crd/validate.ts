import { messageOf } from '../../../base/errors.ts';
import { validateStructural } from '../../schema/definition/check.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { plainPath } from '../subresources/plain-path.ts';
import { compileJsonPath } from '../table/jsonpath.ts';
import { dnsSubdomain } from '../validate/names.ts';
import type { Definition, DefinitionSpec, DefinitionVersion, Names } from './definition.ts';

const dnsLabel1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const labelWords =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

/** What is wrong with a definition, its schemas included. */
export function validateDefinition(definition: Definition): Cause[] {
  const { spec, metadata } = definition;
  const causes = dnsSubdomain(spec.group).map((why) => invalid('spec.group', spec.group, why));
  if (!spec.group.includes('.')) causes.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'));
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    causes.push(invalid('metadata.name', metadata.name, `must be spec.names.plural+"."+spec.group`));
  }
  if (isProtected(spec.group) && metadata.annotations?.[approval] === undefined) {
    causes.push(required(`metadata.annotations[${approval}]`, 'protected groups must have approval annotation'));
  }
  if (!['Cluster', 'Namespaced'].includes(spec.scope)) causes.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  if (spec.preserveUnknownFields === true)
    causes.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'));
  return [...causes, ...validateNames(spec.names), ...validateConversion(spec), ...hoisted(validateVersions(spec), spec)];
}

/** What all versions have in common a real server takes out of them, and says so: of a single version that is nearly all. */
function hoisted(causes: readonly Cause[], { versions }: DefinitionSpec): Cause[] {
  if (versions.length !== 1 || versions[0]?.schema?.openAPIV3Schema === undefined) return [...causes];
  const outside = (text: string): string =>
    text
      .replace('spec.versions[0].schema.', 'spec.validation.')
      .replace(/spec\.versions\[0\]\.(additionalPrinterColumns|selectableFields|subresources)\b/, 'spec.$1')
      .replace(/(additionalPrinterColumns\[\d+\])\.jsonPath/, '$1.JSONPath');
  return causes.map((cause) => ({ ...cause, field: outside(cause.field) }));
}

const approval = 'api-approved.kubernetes.io';

/** Groups of the Kubernetes project itself. */
function isProtected(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

function validateNames(names: Names): Cause[] {
  const lower = [
    ['plural', names.plural],
    ['singular', names.singular ?? names.kind.toLowerCase()],
    ...(names.shortNames ?? []).map((name, i) => [`shortNames[${String(i)}]`, name] as const),
    ...(names.categories ?? []).map((name, i) => [`categories[${String(i)}]`, name] as const),
    ['kind', names.kind.toLowerCase()],
    ['listKind', (names.listKind ?? `${names.kind}List`).toLowerCase()],
  ] as const;
  const causes = lower
    .filter(([, name]) => name.length > 63 || !dnsLabel1035.test(name))
    .map(([field, name]) => invalid(`spec.names.${field}`, name, labelWords));
  if (names.listKind === names.kind) causes.push(invalid('spec.names.listKind', names.kind, 'kind and listKind may not be the same'));
  return causes;
}

/** Several versions are fine as long as they differ in nothing but their names: nobody is called to convert. */
function validateConversion({ conversion }: DefinitionSpec): Cause[] {
  const strategy = conversion?.strategy ?? 'None';
  if (strategy === 'Webhook') return [forbidden('spec.conversion.strategy', 'conversion webhooks are not called by this server: use None')];
  return strategy === 'None' ? [] : [notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
}

function validateVersions({ versions }: DefinitionSpec): Cause[] {
  const causes: Cause[] = [];
  const seen = new Set<string>();
  versions.forEach((version, i) => {
    const path = `spec.versions[${String(i)}]`;
    if (!dnsLabel1035.test(version.name)) causes.push(invalid(`${path}.name`, version.name, labelWords));
    if (seen.has(version.name)) causes.push(duplicate(`${path}.name`, version.name));
    seen.add(version.name);
    causes.push(...validateVersion(version, path));
  });
  if (versions.length === 0) causes.push(required('spec.versions', 'must have at least one version'));
  const storages = versions.filter((version) => version.storage).length;
  if (versions.length > 0 && storages !== 1) {
    causes.push(
      invalid(
        'spec.versions',
        versions.map((version) => version.name),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  return causes;
}

function validateVersion(version: DefinitionVersion, path: string): Cause[] {
  const warning = version.deprecated === true ? undefined : version.deprecationWarning;
  const schema = version.schema?.openAPIV3Schema;
  const schemaPath = `${path}.schema.openAPIV3Schema`;
  const causes = schema === undefined ? [required(schemaPath)] : validateStructural(schema, schemaPath);
  if (warning !== undefined) causes.push(invalid(`${path}.deprecationWarning`, warning, 'can only be set for deprecated versions'));
  version.additionalPrinterColumns?.forEach((column, i) => {
    const at = `${path}.additionalPrinterColumns[${String(i)}]`;
    if (column.jsonPath === '') causes.push(required(`${at}.jsonPath`));
    if (column.name === '') causes.push(required(`${at}.name`));
    if (!columnTypes.includes(column.type)) causes.push(invalid(`${at}.type`, column.type, `must be one of ${columnTypes.join(',')}`));
    causes.push(...readable(`${at}.jsonPath`, column.jsonPath, compileJsonPath));
  });
  version.selectableFields?.forEach(({ jsonPath }, i) => {
    const at = `${path}.selectableFields[${String(i)}].jsonPath`;
    causes.push(...readable(at, jsonPath, plainPath));
    if (version.selectableFields?.slice(0, i).some((other) => other.jsonPath === jsonPath) === true) causes.push(duplicate(at, jsonPath));
  });
  for (const [field, value] of Object.entries(version.subresources?.scale ?? {})) {
    causes.push(...readable(`${path}.subresources.scale.${field}`, String(value), plainPath));
  }
  return causes;
}

function readable(field: string, path: string, read: (path: string) => unknown): Cause[] {
  try {
    read(path);
    return [];
  } catch (error) {
    return [invalid(field, path, messageOf(error))];
  }
}

/** What of a definition can't be changed any more. */
export function validateDefinitionUpdate(next: Definition, before: Definition): Cause[] {
  const fixed = [
    ['spec.group', next.spec.group, before.spec.group],
    ['spec.scope', next.spec.scope, before.spec.scope],
    ['spec.names.plural', next.spec.names.plural, before.spec.names.plural],
    ['spec.names.kind', next.spec.names.kind, before.spec.names.kind],
  ] as const;
  const causes = fixed.filter(([, now, then]) => now !== then).map(([field, now]) => invalid(field, now, 'field is immutable'));
  const versions = new Set(next.spec.versions.map((version) => version.name));
  const lost = (next.status?.storedVersions ?? []).map((name, i) => [name, i] as const).filter(([name]) => !versions.has(name));
  return [
    ...causes,
    ...lost.map(([name, i]) =>
      invalid(
        `status.storedVersions[${String(i)}]`,
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      ),
    ),
  ];
}
