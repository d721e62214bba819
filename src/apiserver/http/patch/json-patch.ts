import { applyPatch, Pointer } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { badRequest, no, patchRejected } from '../errors.ts';
import { goKind } from '../body.ts';
import { isFields } from '../values.ts';

const maxOperations = 10_000;
const names: ReadonlySet<string> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/**
 * RFC 6902 over a copy of `target`.
 * @throws {ApiError} 400 when `patch` is not a list of operations, 413 when there are too many, 422 when one can't be carried out.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  const operations = operationsOf(patch);
  const result = { root: structuredClone(target) };
  // The document hangs below `root` so that an operation on the whole of it works too.
  for (const operation of operations) {
    if (!isOperation(operation)) throw patchRejected();
    carryOut(result, rooted(operation));
  }
  return result.root;
}

function operationsOf(patch: unknown): unknown[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw cannotUnmarshal(patch, '[]handlers.jsonPatchOp');
  if (patch.length > maxOperations) {
    throw no(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${String(maxOperations)}, got ${String(patch.length)}`,
    );
  }
  const odd: unknown = patch.find((item) => !isFields(item));
  if (odd !== undefined) throw cannotUnmarshal(odd, 'handlers.jsonPatchOp');
  return patch;
}

function cannotUnmarshal(value: unknown, type: string): Error {
  return badRequest(`error decoding patch: json: cannot unmarshal ${goKind(value)} into Go value of type ${type}`);
}

function carryOut(result: object, operation: Operation): void {
  const adapted =
    operation.op === 'copy' && !isThere(result, operation.from) ? ({ op: 'add', path: operation.path, value: null } as const) : operation;
  // What is not there is as good as null.
  if (adapted.op === 'test' && adapted.value === null && !isThere(result, adapted.path)) return;
  if (applyPatch(result, [adapted]).some((error) => error !== null)) throw patchRejected();
}

function isThere(document: object, pointer: string): boolean {
  return Pointer.fromJSON(pointer).get(document) !== undefined;
}

function isOperation(item: unknown): item is Operation {
  if (!isFields(item) || typeof item['op'] !== 'string' || !names.has(item['op']) || !isPointer(item['path'])) return false;
  if (item['op'] === 'move' || item['op'] === 'copy') return isPointer(item['from']);
  return item['op'] === 'remove' || Object.hasOwn(item, 'value');
}

function isPointer(value: unknown): value is string {
  return typeof value === 'string' && (value === '' || value.startsWith('/')) && !value.split('/').includes('__proto__');
}

function rooted(operation: Operation): Operation {
  const path = `/root${operation.path}`;
  return 'from' in operation ? { ...operation, path, from: `/root${operation.from}` } : { ...operation, path };
}
