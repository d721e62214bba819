import type { ErrorObject } from 'ajv';
import type { Json } from '../../meta/objects.ts';
import { goNumber, goQuote, invalid, noField, notSupported, required, tooLong, tooMany, typeInvalid, type Cause } from './field-errors.ts';
import { isArray, isJson, isObject } from './json.ts';

/** Where in an object something is: names of fields, keys of maps, indexes of lists. */
export type Steps = readonly (string | number)[];

/** One of ajv's faults, placed: `at` is the value that failed. */
export interface Fault {
  readonly error: ErrorObject;
  readonly at: Steps;
}

/** ajv's faults with their places in `root`, and without those that kube-apiserver would not tell. */
export function placeFaults(errors: readonly ErrorObject[], root: Json): Fault[] {
  return withoutRepeats(bestBranches(errors)).map((error) => ({ error, at: stepsOf(error.instancePath, root) }));
}

function stepsOf(pointer: string, root: Json): Steps {
  let value: Json | undefined = root;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const step = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const index = isArray(value) ? Number(step) : undefined;
      value = isArray(value) ? value[Number(step)] : isObject(value) ? value[step] : undefined;
      return index ?? step;
    });
}

/** `spec.disks[1].name`. */
export function formatSteps(steps: Steps): string {
  let path = '';
  for (const step of steps) path += typeof step === 'number' ? `[${String(step)}]` : path === '' ? step : `.${step}`;
  return path;
}

/** Of an anyOf or oneOf that failed, only the faults of the branch that came nearest are told. */
function bestBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = errors;
  for (const error of errors) {
    if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') continue;
    const best = nearestBranch(kept, error);
    kept = kept.filter((other) => !isWithin(other, error) || (best !== undefined && branchOf(other, error) === best));
  }
  return kept;
}

function isWithin(inner: ErrorObject, outer: ErrorObject): boolean {
  const sameValue = inner.instancePath === outer.instancePath || inner.instancePath.startsWith(`${outer.instancePath}/`);
  return sameValue && inner.schemaPath.startsWith(`${outer.schemaPath}/`);
}

function branchOf(inner: ErrorObject, outer: ErrorObject): string {
  return inner.schemaPath.slice(outer.schemaPath.length + 1).split('/')[0] ?? '';
}

function nearestBranch(errors: readonly ErrorObject[], outer: ErrorObject): string | undefined {
  // Two branches that hold leave nothing to say about the others.
  if (outer.keyword === 'oneOf' && isArray(paramOf(outer, 'passingSchemas'))) return undefined;
  const faults = new Map<string, number>();
  for (const error of errors) {
    if (isWithin(error, outer)) faults.set(branchOf(error, outer), (faults.get(branchOf(error, outer)) ?? 0) + 1);
  }
  return [...faults].reduce<[string, number] | undefined>(
    (best, entry) => (best === undefined || entry[1] < best[1] ? entry : best),
    undefined,
  )?.[0];
}

const stringKeywords: ReadonlySet<string> = new Set(['maxLength', 'minLength', 'pattern']);

/** Of length and pattern, only the first that fails is told. */
function withoutRepeats(errors: readonly ErrorObject[]): ErrorObject[] {
  const told = new Set<string>();
  return errors.filter((error) => {
    if (!stringKeywords.has(error.keyword)) return true;
    const place = `${error.instancePath} ${error.schemaPath.slice(0, error.schemaPath.lastIndexOf('/'))}`;
    if (told.has(place)) return false;
    told.add(place);
    return true;
  });
}

/** The faults as causes. `root` is where the object stands, empty for a whole one; what is said of them knows nothing of it. */
export function causesOf(faults: readonly Fault[], root = ''): Cause[] {
  const causes = faults.map((fault) => causeOf(fault, root));
  return [...causes, ...allOfCauses(faults)];
}

function join(root: string, path: string): string {
  if (root === '' || path === '') return root + path;
  return path.startsWith('[') ? root + path : `${root}.${path}`;
}

/** kube-apiserver adds one for each allOf that does not hold; ajv tells its branches' faults only. */
function allOfCauses(faults: readonly Fault[]): Cause[] {
  const paths = new Set<string>();
  for (const { error, at } of faults) {
    const rest = /\/allOf\/\d+\/(.*)$/.exec(error.schemaPath)?.[1];
    if (rest !== undefined) paths.add(formatSteps(at.slice(0, at.length - descents(rest))));
  }
  return [...paths].map((path) => invalid(noField, '', `${goQuote(path)} must validate all the schemas (allOf)`));
}

/** How many steps into the value a path through a schema takes. */
function descents(schemaPath: string): number {
  const parts = schemaPath.split('/');
  let depth = 0;
  for (let i = 0; i < parts.length - 1; i++) {
    const part = parts[i] ?? '';
    if (part === 'properties') depth += 1;
    if (part === 'items' || part === 'additionalProperties') depth += 1;
    // The name or number that follows is no keyword.
    if (part === 'properties' || part.endsWith('Of')) i += 1;
  }
  return depth;
}

/** Where a fault is: in the whole, and as seen from the object itself. */
interface Place {
  readonly path: string;
  readonly name: string;
}

function causeOf({ error, at }: Fault, root: string): Cause {
  const data = dataOf(error);
  const name = formatSteps(at);
  const path = join(root, name);
  const words = (rest: string): string => `${name} in body ${rest}`;
  const limit = numberOf(error.params['limit']);
  switch (error.keyword) {
    case 'type':
      return typeCause(error, data, { path, name });
    case 'required':
      return required(join(path, String(error.params['missingProperty'])));
    case 'enum':
      return notSupported(path, data, enumValues(error));
    case 'format':
      return formatCause(error, data, { path, name });
    case 'pattern':
      return invalid(path, data, words(`should match '${String(error.params['pattern'])}'`));
    case 'maxLength':
      return tooLong(path, limit);
    case 'minLength':
      return invalid(path, data, words(`should be at least ${String(limit)} chars long`));
    case 'maxItems':
      return tooMany(path, sizeOf(data), limit);
    case 'minItems':
      return invalid(path, sizeOf(data), words(`should have at least ${String(limit)} items`));
    case 'maxProperties':
      return tooMany(path, sizeOf(data), limit);
    case 'minProperties':
      return invalid(path, sizeOf(data), words(`should have at least ${String(limit)} properties`));
    case 'uniqueItems':
      return invalid(path, '', words("shouldn't contain duplicates"));
    case 'multipleOf':
      return invalid(path, data, words(`should be a multiple of ${goNumber(numberOf(error.params['multipleOf']))}`));
    default:
      return boundCause(error, data, { path, name }) ?? junctorCause(error, data, { path, name });
  }
}

function dataOf(error: ErrorObject): Json {
  const data: unknown = error.data;
  return isJson(data) ? data : null;
}

const comparisons: Readonly<Record<string, string>> = {
  maximum: 'less than or equal to',
  exclusiveMaximum: 'less than',
  minimum: 'greater than or equal to',
  exclusiveMinimum: 'greater than',
};

function boundCause(error: ErrorObject, data: Json, { path, name }: Place): Cause | undefined {
  const comparison = comparisons[error.keyword];
  if (comparison === undefined) return undefined;
  return invalid(path, data, `${name} in body should be ${comparison} ${goNumber(numberOf(error.params['limit']))}`);
}

function junctorCause(error: ErrorObject, data: Json, { path, name: plain }: Place): Cause {
  const name = goQuote(plain);
  switch (error.keyword) {
    case 'anyOf':
      return invalid(noField, '', `${name} must validate at least one schema (anyOf)`);
    case 'oneOf': {
      const passing = paramOf(error, 'passingSchemas');
      const found = isArray(passing) ? `Found ${String(passing.length)} valid alternatives` : 'Found none valid';
      return invalid(noField, '', `${name} must validate one and only one schema (oneOf). ${found}`);
    }
    case 'not':
      return invalid(noField, '', `${name} must not validate the schema (not)`);
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      return invalid(path, key, `${plain}.${key} in body is a forbidden property`);
    }
    default:
      return invalid(path, data, error.message ?? error.keyword);
  }
}

function typeCause(error: ErrorObject, data: Json, { path, name }: Place): Cause {
  const parent: Record<string, unknown> = error.parentSchema ?? {};
  const { type, format } = parent;
  const wanted = isArray(type)
    ? type
        .filter((name) => typeof name === 'string' && name !== 'null')
        .map(String)
        .join(',')
    : '';
  const found = typeOf(data);
  // With a format, a value that is no string is told by format: of numbers by their own, of others by none.
  const byFormat = typeof format === 'string' && data !== null && typeof data !== 'string' && !isArray(data);
  const value = byFormat ? (found === 'integer' ? 'int64' : found === 'number' ? 'float64' : '') : found;
  return typeInvalid(path, value, `${name} in body must be of type ${byFormat ? format : wanted}: ${goQuote(value)}`);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function formatCause(error: ErrorObject, data: Json, { path, name }: Place): Cause {
  const format = String(error.params['format']);
  if (typeof data === 'string') return typeInvalid(path, data, `${name} in body must be of type ${format}: ${goQuote(data)}`);
  const type = format.startsWith('int') ? 'integer' : 'number';
  return invalid(noField, '', `Checked value must be of type ${type} with format ${format} in ${name}`);
}

function enumValues(error: ErrorObject): string[] {
  const values = paramOf(error, 'allowedValues');
  return isArray(values) ? values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))) : [];
}

function sizeOf(value: Json): number {
  if (isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}

function paramOf(error: ErrorObject, name: string): unknown {
  const params: Record<string, unknown> = error.params;
  return params[name];
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : -1;
}
