import { ConnectionLost } from '../meta/control-plane.ts';
import type { KubeObject } from '../meta/objects.ts';
import { apiVersionOf, type Kind } from '../meta/resource.ts';
import { ApiError, failure, type Status, type StatusReason } from '../meta/status.ts';

/** What arrived makes no sense: cut off, or changed on its way, or not from an API server. What was meant is not known. */
export class Garbled extends ConnectionLost {
  override name = 'Garbled';
}

const reasons: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The error that an answer other than 2xx stands for. What is no Status (a proxy's page, `404 page not found`) becomes one. */
export function apiErrorOf(code: number, text: string, headers: Readonly<Record<string, string>>): ApiError {
  const said = statusIn(text) ?? failure(code, reasons[code] ?? 'Unknown', text.trim().slice(0, 512) || `HTTP ${String(code)}`);
  const seconds = Number.parseInt(headers['retry-after'] ?? '', 10);
  if (!(seconds >= 0)) return new ApiError(said);
  return new ApiError({ ...said, details: { ...said.details, retryAfterSeconds: seconds } });
}

function statusIn(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds after which the server wants to be asked again, if it said so. */
export function retryAfterOf(error: ApiError): number | undefined {
  const seconds = error.status.details?.retryAfterSeconds;
  return seconds === undefined ? undefined : seconds * 1000;
}

export function isStatus(value: unknown): value is Status {
  return isRecord(value) && value.kind === 'Status' && typeof value.code === 'number';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is an object as servers store them. That its `spec` is as `T` says, the server has checked by its schema. */
function isObjectOf<T extends KubeObject>(_kind: Kind<T>, value: unknown): value is T {
  if (!isRecord(value) || !isRecord(value.metadata)) return false;
  return typeof value.metadata.name === 'string' && typeof value.metadata.resourceVersion === 'string';
}

/**
 * `value` as an object of `kind`. Servers leave `apiVersion` and `kind` out of the items of built-in lists; and one string for all
 * objects takes less memory than one each.
 * @throws {Garbled} when it is none.
 */
export function objectOf<T extends KubeObject>(kind: Kind<T>, value: unknown): T {
  if (!isObjectOf(kind, value)) throw new Garbled(`the answer is no ${kind.kind}`);
  value.apiVersion = apiVersionOf(kind);
  value.kind = kind.kind;
  return value;
}

/** -1, 0 or 1 as revision `a` is older than, the same as, or newer than `b`. What is not a decimal number can't be compared and counts as newer. */
export function compareRevisions(a: string, b: string): number {
  if (a === b) return 0;
  if (!decimal.test(a) || !decimal.test(b)) return 1;
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : 1;
}

const decimal = /^(?:0|[1-9]\d*)$/;
