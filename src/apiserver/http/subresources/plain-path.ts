import { UserError } from '../../../base/errors.ts';

/** A path of a CRD's scale subresource or selectable fields, such as `.spec.replicas`, as names of fields. @throws {UserError} for anything but a plain path. */
export function plainPath(path: string): string[] {
  if (!/^(\.[A-Za-z_][A-Za-z0-9_-]*)+$/.test(path)) throw new UserError(`${JSON.stringify(path)} is not a path such as .spec.replicas`);
  return path.slice(1).split('.');
}
