import { badRequest } from './errors.ts';

/** A path below a group and version, taken apart as kube-apiserver's RequestInfo does. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace?: string;
  readonly plural: string;
  readonly name?: string;
  /** What follows the name, such as `status`; several segments keep their slashes. */
  readonly subresource?: string;
}

const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

/** The segments of a path, percent-decoded. @throws {ApiError} 400 when an escape is malformed. */
export function segmentsOf(path: string): string[] {
  try {
    const segments = path.split('/').filter((segment) => segment !== '');
    return path.includes('%') ? segments.map((segment) => decodeURIComponent(segment)) : segments;
  } catch {
    throw badRequest(`invalid URL escape in path ${JSON.stringify(path)}`);
  }
}

/** The resource that a path names, or undefined when it names none (discovery, health, unknown). */
export function resourcePath(segments: readonly string[]): ResourcePath | undefined {
  const core = segments[0] === 'api';
  if (!core && segments[0] !== 'apis') return undefined;
  const group = core ? '' : segments[1];
  const version = core ? segments[1] : segments[2];
  const rest = segments.slice(core ? 2 : 3);
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  return { group, version, ...located(rest) };
}

function located(rest: readonly string[]): Omit<ResourcePath, 'group' | 'version'> {
  const [first = '', second, third] = rest;
  const inNamespace = first === 'namespaces' && second !== undefined && third !== undefined && !namespaceSubresources.has(third);
  if (!inNamespace) return named(rest);
  return { namespace: second, ...named(rest.slice(2)) };
}

function named(rest: readonly string[]): { plural: string; name?: string; subresource?: string } {
  const [plural = '', name, ...below] = rest;
  if (name === undefined) return { plural };
  return below.length === 0 ? { plural, name } : { plural, name, subresource: below.join('/') };
}
