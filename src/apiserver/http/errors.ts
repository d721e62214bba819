import type { ResourceType } from '../../meta/resource.ts';
import { ApiError, failure } from '../../meta/status.ts';
import type { Status, StatusCause, StatusReason } from '../../meta/status.ts';
import { aggregate } from '../schema/field-errors.ts';
import type { Cause } from '../schema/field-errors.ts';

/** Every no that this server says, each in kube-apiserver's own words. */

type Naming = Pick<ResourceType, 'group' | 'plural' | 'kind'>;

/** `hostpools.sim.hypersphere.io`, or `pods`. */
export function qualifiedResource(type: Pick<ResourceType, 'group' | 'plural'>): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** `HostPool.sim.hypersphere.io`, or `Pod`. */
export function qualifiedKind(type: Pick<ResourceType, 'group' | 'kind'>): string {
  return type.group === '' ? type.kind : `${type.kind}.${type.group}`;
}

function details(type: Pick<ResourceType, 'group' | 'plural'>, name: string, extra: object = {}): object {
  return { ...(name === '' ? {} : { name }), ...(type.group === '' ? {} : { group: type.group }), kind: type.plural, ...extra };
}

export function notFound(type: Naming, name: string): ApiError {
  return no(404, 'NotFound', `${qualifiedResource(type)} ${quote(name)} not found`, details(type, name));
}

export function alreadyExists(type: Naming, name: string, deleting = false): ApiError {
  const prefix = deleting ? 'object is being deleted: ' : '';
  return no(409, 'AlreadyExists', `${prefix}${qualifiedResource(type)} ${quote(name)} already exists`, details(type, name));
}

export function nameNotGenerated(type: Naming, name: string): ApiError {
  const message = `${qualifiedResource(type)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`;
  return no(409, 'AlreadyExists', message, details(type, name, { retryAfterSeconds: 1 }));
}

export function conflict(type: Naming, name: string, why: string, causes?: readonly StatusCause[]): ApiError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(type)} ${quote(name)}: ${why}`;
  return no(409, 'Conflict', message, details(type, name, causes === undefined ? {} : { causes }));
}

export function modified(type: Naming, name: string): ApiError {
  return conflict(type, name, 'the object has been modified; please apply your changes to the latest version and try again');
}

/** A uid precondition that an update's object or a patch carried. */
export function otherIncarnation(type: Naming, name: string, key: string, wanted: string, found: string): ApiError {
  const why = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`;
  return conflict(type, name, `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`);
}

export function invalidObject(type: Pick<ResourceType, 'group' | 'kind'>, name: string, causes: readonly Cause[]): ApiError {
  const about = {
    ...(name === '' ? {} : { name }),
    ...(type.group === '' ? {} : { group: type.group }),
    ...(type.kind === '' ? {} : { kind: type.kind }),
    causes: [...causes],
  };
  return no(422, 'Invalid', `${qualifiedKind(type)} ${quote(name)} is invalid: ${aggregate(causes)}`, about);
}

export function forbiddenObject(type: Naming, name: string, why: string, causes?: readonly StatusCause[]): ApiError {
  const message = `${qualifiedResource(type)} ${quote(name)} is forbidden: ${why}`;
  return no(403, 'Forbidden', message, details(type, name, causes === undefined ? {} : { causes }));
}

export function badRequest(message: string): ApiError {
  return no(400, 'BadRequest', message);
}

export function unauthorized(): ApiError {
  return no(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(type?: Naming, verb = ''): ApiError {
  if (type === undefined) return no(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
  return no(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind ${quote(qualifiedResource(type))}`, details(type, ''));
}

export function notAcceptable(accepted: readonly string[]): ApiError {
  return no(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return no(415, 'UnsupportedMediaType', message);
}

export function entityTooLarge(limit: number): ApiError {
  return no(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${String(limit)}`);
}

export function expired(message: string): ApiError {
  return no(410, 'Expired', message);
}

export function tooLargeResourceVersion(wanted: number, current: number): ApiError {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${String(wanted)}, current: ${String(current)}`;
  return no(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
}

export function internalError(why: string): ApiError {
  return no(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });
}

/** 501: what a real API server does and this one does not. `what` begins the sentence. */
export function notImplemented(what: string): ApiError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: what, code: 501 };
  return new ApiError(status);
}

/** A JSON patch that is well formed and cannot be carried out. */
export function patchRejected(): ApiError {
  return no(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

/** A path below a group that is built in, which has no such resource. */
export function noSuchResource(): ApiError {
  return no(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** What Go code says as a plain error: 500 without a reason. */
export function unreasoned(message: string): ApiError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 };
  return new ApiError(status);
}

export function no(code: number, reason: StatusReason, message: string, about?: object): ApiError {
  return new ApiError(failure(code, reason, message, about));
}

function quote(text: string): string {
  return JSON.stringify(text);
}
