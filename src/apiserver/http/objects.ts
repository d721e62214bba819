import { Unreachable } from '../../base/errors.ts';
import type { UnknownObject } from '../../meta/objects.ts';
import { isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { isFields } from './values.ts';

/** The same value, for who wants JSON: objects here come from JSON and are nothing else. */
export function jsonOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw new Unreachable('an object that is not JSON');
}

/** Whether `value` has what every object of the API has. */
export function isKubeObject(value: unknown): value is UnknownObject {
  return isFields(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isFields(value['metadata']);
}

/** The same value, for who wants an object of the API. */
export function kubeObjectOf(value: unknown): UnknownObject {
  if (isKubeObject(value)) return value;
  throw new Unreachable('an object without apiVersion, kind and metadata');
}
