import { validateStructural } from '../../schema/definition/check.ts';
import { asPrinted, invalid, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { compileJsonPath } from '../table/jsonpath.ts';
import type { DefinitionVersion } from './definition.ts';
import { dnsLabel } from './dns-label.ts';
import { placeOf } from './places.ts';
import { readable, validateScalePaths } from './validate-scale-paths.ts';
import { validateSelectable } from './validate-selectable.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

/** What is wrong with the versions of a definition, their schemas included. */
export function validateVersions(versions: readonly DefinitionVersion[]): Cause[] {
  const [first] = versions;
  // What Go knows of a definition still has a version beside the list of them: the first.
  const causes = first === undefined ? [] : dnsLabel('spec.version', first.name);
  versions.forEach((version, i) => {
    causes.push(...dnsLabel(`spec.versions[${String(i)}].name`, version.name), ...validateVersion(versions, i, version));
  });
  const names = new Set(versions.map((version) => version.name));
  if (names.size < versions.length) causes.push(ofAll(versions, 'must contain unique version names'));
  if (versions.filter((version) => version.storage).length !== 1)
    causes.push(ofAll(versions, 'must have exactly one version marked as storage version'));
  return causes;
}

function ofAll(versions: readonly DefinitionVersion[], words: string): Cause {
  return invalid('spec.versions', asPrinted(versions.map((version, i) => printed(versions, i, version))), words);
}

/** A version as Go has it: without what all have in common. */
function printed(versions: readonly DefinitionVersion[], i: number, version: DefinitionVersion): object {
  const own = (what: Parameters<typeof placeOf>[2]): unknown =>
    placeOf(versions, i, what)?.startsWith('spec.versions') === true ? (version[what] ?? null) : null;
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: own('schema'),
    Subresources: own('subresources'),
    AdditionalPrinterColumns: own('additionalPrinterColumns'),
    SelectableFields: own('selectableFields'),
  };
}

function validateVersion(versions: readonly DefinitionVersion[], i: number, version: DefinitionVersion): Cause[] {
  const warning = version.deprecated === true ? undefined : version.deprecationWarning;
  const causes: Cause[] = [];
  if (warning !== undefined)
    causes.push(invalid(`spec.versions[${String(i)}].deprecationWarning`, warning, 'can only be set for deprecated versions'));
  const check = (what: Parameters<typeof placeOf>[2], causesAt: (path: string) => readonly Cause[]): void => {
    const place = placeOf(versions, i, what);
    if (place !== undefined) causes.push(...causesAt(place));
  };
  check('schema', (path) => validateSchema(version, `${path}.openAPIV3Schema`));
  check('additionalPrinterColumns', (path) => validateColumns(version, path));
  check('selectableFields', (path) => validateSelectable(version, path));
  check('subresources', (path) => validateScalePaths(version.subresources?.scale, `${path}.scale`));
  return causes;
}

function validateSchema({ schema }: DefinitionVersion, path: string): Cause[] {
  return schema?.openAPIV3Schema === undefined ? [required(path)] : validateStructural(schema.openAPIV3Schema, path);
}

function validateColumns({ additionalPrinterColumns: columns = [] }: DefinitionVersion, path: string): Cause[] {
  return columns.flatMap((column, i) => {
    const at = `${path}[${String(i)}]`;
    const causes: Cause[] = [];
    if (column.name === '') causes.push(required(`${at}.name`));
    if (!columnTypes.includes(column.type)) causes.push(invalid(`${at}.type`, column.type, `must be one of ${columnTypes.join(',')}`));
    return [...causes, ...validateColumnPath(`${at}.JSONPath`, column.jsonPath)];
  });
}

function validateColumnPath(field: string, path: string): Cause[] {
  if (path === '') return [required(field)];
  if (!path.startsWith('.')) return [invalid(field, path, 'must be a simple json path starting with .')];
  return readable(field, path, compileJsonPath);
}
