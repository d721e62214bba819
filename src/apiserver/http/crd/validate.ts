import { forbidden, invalid, notSupported, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { hasCondition } from './definition.ts';
import type { Definition, DefinitionSpec, Names } from './definition.ts';
import { dnsLabel } from './dns-label.ts';
import { listKind, singular } from './names.ts';
import { validateVersions } from './validate-versions.ts';

/** What is wrong with a definition, its schemas included. */
export function validateDefinition({ spec, metadata }: Definition): Cause[] {
  const causes = validateGroup(spec.group);
  if (isProtected(spec.group) && metadata.annotations?.[approval] === undefined) {
    causes.push(required(`metadata.annotations[${approval}]`, 'protected groups must have approval annotation'));
  }
  if (!['Cluster', 'Namespaced'].includes(spec.scope)) causes.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  if (spec.preserveUnknownFields === true) causes.push(invalid('spec.preserveUnknownFields', true, notPreserved));
  return [...causes, ...validateNames(spec.names), ...validateConversion(spec), ...validateVersions(spec.versions)];
}

const notPreserved = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';

/** What is wrong with a new definition besides. */
export function validateNewDefinition(definition: Definition): Cause[] {
  const { metadata, spec } = definition;
  const named = metadata.name === `${spec.names.plural}.${spec.group}`;
  return [
    ...(named ? [] : [invalid('metadata.name', metadata.name, `must be spec.names.plural+"."+spec.group`)]),
    ...validateStoredVersions(definition),
  ];
}

function validateGroup(group: string): Cause[] {
  if (group === '') return [required('spec.group')];
  const causes = dnsSubdomain(group).map((why) => invalid('spec.group', group, why));
  return causes.length > 0 || group.includes('.') ? causes : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

const approval = 'api-approved.kubernetes.io';

/** Groups of the Kubernetes project itself. */
function isProtected(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

function validateNames(names: Names): Cause[] {
  const single = singular(names);
  const list = listKind(names);
  const lower = [
    ['plural', names.plural],
    ['singular', single],
    ...(names.shortNames ?? []).map((name, i) => [`shortNames[${String(i)}]`, name] as const),
    ...(names.categories ?? []).map((name, i) => [`categories[${String(i)}]`, name] as const),
    ['kind', names.kind.toLowerCase()],
    ['listKind', list.toLowerCase()],
  ] as const;
  const causes = lower.flatMap(([field, name]) => {
    const place = `spec.names.${field}`;
    return name === '' ? [required(place)] : dnsLabel(place, name);
  });
  if (names.kind !== '' && names.listKind === names.kind)
    causes.push(invalid('spec.names.listKind', names.kind, 'kind and listKind may not be the same'));
  return causes;
}

/** Several versions are fine as long as they differ in nothing but their names: nobody is called to convert. */
function validateConversion({ conversion }: DefinitionSpec): Cause[] {
  const strategy = conversion?.strategy ?? 'None';
  if (strategy === 'Webhook') return [forbidden('spec.conversion.strategy', 'conversion webhooks are not called by this server: use None')];
  return strategy === 'None' ? [] : [notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
}

/** What of a definition can't be changed any more: some of it only once objects of it may be there. */
export function validateDefinitionUpdate(next: Definition, before: Definition): Cause[] {
  const { spec } = next;
  const fixed: readonly (readonly [field: string, now: string, then: string])[] = [
    ['spec.group', spec.group, before.spec.group],
    ['spec.names.plural', spec.names.plural, before.spec.names.plural],
    ...(hasCondition(before, 'Established')
      ? ([
          ['spec.scope', spec.scope, before.spec.scope],
          ['spec.names.kind', spec.names.kind, before.spec.names.kind],
        ] as const)
      : []),
  ];
  const causes = fixed.filter(([, now, then]) => now !== then).map(([field, now]) => invalid(field, now, 'field is immutable'));
  return [...causes, ...validateStoredVersions(next)];
}

/** Versions that objects may still be kept in stay. */
function validateStoredVersions({ spec, status }: Definition): Cause[] {
  const stored = status?.storedVersions ?? [];
  const causes = stored.length === 0 ? [invalid('status.storedVersions', null, 'must have at least one stored version')] : [];
  const left = new Map(stored.map((name, i) => [name, i]));
  for (const { name, storage } of spec.versions) {
    if (storage && !left.has(name)) causes.push(invalid('status.storedVersions', stored, `must have the storage version ${name}`));
    left.delete(name);
  }
  return [...causes, ...[...left].map(([name, i]) => invalid(`status.storedVersions[${String(i)}]`, name, missing(name)))];
}

function missing(name: string): string {
  return `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
}
