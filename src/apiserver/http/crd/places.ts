import { deepEqual } from '../../schema/json.ts';
import { asJson } from '../../schema/definition/walk.ts';
import type { DefinitionVersion } from './definition.ts';

/** What Go knows of a definition has these once, of the whole, where all versions agree. */
export type Shared = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';

/** Where causes say that this part of the version stands; undefined: they have said so of the first version already. */
export function placeOf(versions: readonly DefinitionVersion[], i: number, what: Shared): string | undefined {
  const own = versions[i]?.[what];
  if (own === undefined || !hasContent(own, what) || !versions.every((version) => isSame(version[what], own)))
    return `spec.versions[${String(i)}].${what}`;
  if (i > 0) return undefined;
  return what === 'schema' ? 'spec.validation' : `spec.${what}`;
}

function hasContent(own: object, what: Shared): boolean {
  return what !== 'schema' || 'openAPIV3Schema' in own;
}

function isSame(a: unknown, b: unknown): boolean {
  return a !== undefined && deepEqual(asJson(a), asJson(b));
}
