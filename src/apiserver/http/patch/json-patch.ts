import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { badRequest, no, patchRejected } from '../errors.ts';
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
  const below = operations.map((operation) => rooted(operation));
  const errors = applyPatch(result, below);
  const failed = errors.findIndex((error) => error !== null);
  if (failed >= 0) throw patchRejected(wordsOf(errors[failed], operations[failed]?.path ?? ''));
  return result.root;
}

function operationsOf(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > maxOperations) {
    throw no(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${String(maxOperations)}, got ${String(patch.length)}`,
    );
  }
  return patch.map((item: unknown) => {
    if (!isOperation(item)) throw badRequest(`error decoding patch: not a JSON patch operation: ${JSON.stringify(item)}`);
    return item;
  });
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

function wordsOf(error: Error | null | undefined, path: string): string {
  if (error?.name === 'TestError') return `testing value ${path} failed`;
  return `the operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`;
}
