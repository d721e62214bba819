import { forbidden, invalid, notSupported } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { badRequest, expired, invalidObject, tooLargeResourceVersion } from '../errors.ts';
import type { Query } from '../query.ts';
import { isFields } from '../values.ts';

/** Where a list goes on, and as of which revision. */
export interface Continue {
  /** 0: the newest. */
  readonly revision: number;
  readonly after: string;
}

const tokenVersion = 'meta.k8s.io/v1';

export function encodeContinue({ revision, after }: Continue): string {
  const text = JSON.stringify({ v: tokenVersion, rv: revision === 0 ? -1 : revision, start: after });
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @throws {ApiError} 400 for a token that did not come from here. */
export function decodeContinue(token: string): Continue {
  try {
    const binary = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
    const value: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
    if (isFields(value) && value['v'] === tokenVersion && typeof value['rv'] === 'number' && typeof value['start'] === 'string') {
      return { revision: Math.max(0, value['rv']), after: value['start'] };
    }
  } catch {
    // Not what this server made.
  }
  throw badRequest('continue key is not valid: incorrect key start or encoding');
}

/** What the query of a list says of versions and pages. */
export interface ListOptions {
  readonly limit?: number;
  readonly continued?: Continue;
  /** The revision whose state is wanted, exactly. */
  readonly exact?: number;
}

/** @param current the newest revision. @throws {ApiError} 422, 400, 410 or 504 for what can't be had. */
export function listOptions(query: Query, current: number): ListOptions {
  const version = versionOf(query);
  const match = query.get('resourceVersionMatch');
  const token = query.get('continue');
  const causes = checkMatch(query, match, token);
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
  if (token !== '' && version !== undefined && version > 0)
    throw badRequest('specifying resource version is not allowed when using continue');
  if (version !== undefined && version > current) throw tooLargeResourceVersion(version, current);
  const limit = query.integer('limit');
  const continued = token === '' ? undefined : decodeContinue(token);
  return {
    ...(limit === undefined || limit <= 0 ? {} : { limit }),
    ...(continued === undefined ? {} : { continued }),
    ...(match === 'Exact' && version !== undefined ? { exact: version } : {}),
  };
}

function checkMatch(query: Query, match: string, token: string): Cause[] {
  if (match === '') return [];
  const version = query.get('resourceVersion');
  if (version === '') return [forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided')];
  if (token !== '') return [forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided')];
  if (match !== 'Exact' && match !== 'NotOlderThan') return [notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', ''])];
  if (match === 'Exact' && version === '0')
    return [forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')];
  return [];
}

/** The resourceVersion of a query as a revision; undefined when it is not said. @throws {ApiError} 422 when it is not one. */
export function versionOf(query: Query): number | undefined {
  const text = query.get('resourceVersion');
  if (text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [notAVersion(text)]);
}

export function notAVersion(text: string): Cause {
  return invalid('resourceVersion', text, `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** What a list says whose revision is gone. */
export function listExpired(): Error {
  return expired('The resourceVersion for the provided list is too old.');
}
