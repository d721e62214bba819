import { describeCause, forbidden, invalid, notSupported } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { badRequest, expired, invalidObject, tooLargeResourceVersion } from '../errors.ts';
import type { Query } from '../query.ts';
import { isFields, textAt } from '../values.ts';

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
  const value = parsed(token);
  if (!isFields(value)) throw noToken('incorrect key start or encoding');
  if (value['v'] !== tokenVersion) throw noToken(`server does not recognize this encoded version ${textAt(value, 'v')}`);
  if (typeof value['rv'] !== 'number' || typeof value['start'] !== 'string') throw noToken('incorrect key start or encoding');
  return { revision: Math.max(0, value['rv']), after: value['start'] };
}

function parsed(token: string): unknown {
  try {
    const binary = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
  } catch {
    // Not what this server made.
    return undefined;
  }
}

function noToken(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
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
  const causes = checkOptions(query);
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
  query.integer('timeoutSeconds');
  const limit = limitOf(query);
  const page = limit === undefined ? {} : { limit };
  const version = versionOf(query) ?? 0;
  const token = query.get('continue');
  if (token !== '') {
    if (version > 0) throw badRequest('specifying resource version is not allowed when using continue');
    return { ...page, continued: decodeContinue(token) };
  }
  if (version > current) throw tooLargeResourceVersion(version, current);
  const match = query.get('resourceVersionMatch');
  // From before there was a match: a page of a list at a version is exactly of that version.
  const exact = match === 'Exact' || (match === '' && limit !== undefined);
  return { ...page, ...(exact && version > 0 ? { exact: version } : {}) };
}

/** Whoever takes any version gets the whole list, of the size that a cache has: no pages are made of that. */
function limitOf(query: Query): number | undefined {
  const limit = query.integer('limit');
  if (limit === undefined || limit <= 0) return undefined;
  return query.get('resourceVersion') === '0' && query.get('resourceVersionMatch') !== 'Exact' ? undefined : limit;
}

function checkOptions(query: Query): Cause[] {
  const match = query.get('resourceVersionMatch');
  const causes = match === '' ? [] : checkMatch(query.get('resourceVersion'), match, query.get('continue'));
  return query.has('sendInitialEvents') ? [...causes, forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')] : causes;
}

function checkMatch(version: string, match: string, token: string): Cause[] {
  const causes: Cause[] = [];
  const no = (why: string): number => causes.push(forbidden('resourceVersionMatch', why));
  if (version === '') no('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (token !== '') no('resourceVersionMatch is forbidden when continue is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan')
    causes.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
  if (match === 'Exact' && version === '0') no('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  return causes;
}

/** The resourceVersion of a query as a revision; undefined when it is not said. @throws {ApiError} 400 when it is not one. */
export function versionOf(query: Query): number | undefined {
  const text = query.get('resourceVersion');
  if (text === '') return undefined;
  if (isVersion(query)) return Number(text);
  throw badRequest(`invalid resource version: ${describeCause(notAVersion(text))}`);
}

/** Whether the resourceVersion of a query is one, or is not said. */
export function isVersion(query: Query): boolean {
  return /^\d{0,15}$/.test(query.get('resourceVersion'));
}

export function notAVersion(text: string): Cause {
  return invalid('resourceVersion', text, `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** What a list says whose revision is gone. */
export function listExpired(): Error {
  return expired('The resourceVersion for the provided list is too old.');
}
