import { Unreachable } from '../base/errors.ts';
import type { KubeObject } from '../meta/objects.ts';
import { collectionPath, type Kind } from '../meta/resource.ts';
import { ApiError } from '../meta/status.ts';
import { Garbled, isRecord, objectOf } from './answers.ts';
import type { Requester } from './requester.ts';
import type { ListOptions } from './types.ts';

const pageSize = 500;

/** The query that narrows a list or a watch to `options`. */
export function selection(options: ListOptions): [string, string][] {
  const query: [string, string][] = [];
  if (options.labelSelector !== undefined) query.push(['labelSelector', options.labelSelector]);
  if (options.fieldSelector !== undefined) query.push(['fieldSelector', options.fieldSelector]);
  return query;
}

/**
 * The whole collection as the server has it now, read in pages of 500. When its revision expires on the way it is read again from the start,
 * and at last in one piece.
 * @param keep what to keep of each object; called in order, and from the beginning when the list is started over.
 * @throws as `Requester.json`.
 */
export async function listAll<T extends KubeObject>(
  requester: Requester,
  kind: Kind<T>,
  options: ListOptions,
  signal: AbortSignal,
  keep: (object: T) => T = (object) => object,
): Promise<{ items: T[]; resourceVersion: string }> {
  for (const size of [pageSize, pageSize, undefined]) {
    try {
      return await listOnce(requester, kind, options, { size, signal, keep });
    } catch (error) {
      if (!isExpired(error) || size === undefined) throw error;
    }
  }
  throw new Unreachable('the last try returns or throws');
}

/** True for the server's word that a revision is too old to go on from. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.code === 410;
}

interface Reading<T> {
  readonly size: number | undefined;
  readonly signal: AbortSignal;
  readonly keep: (object: T) => T;
}

async function listOnce<T extends KubeObject>(
  requester: Requester,
  kind: Kind<T>,
  options: ListOptions,
  reading: Reading<T>,
): Promise<{ items: T[]; resourceVersion: string }> {
  const path = collectionPath(kind, options.namespace);
  const items: T[] = [];
  let first: string | undefined;
  let next: string | undefined;
  do {
    const query = selection(options);
    if (reading.size !== undefined) query.push(['limit', String(reading.size)]);
    if (next !== undefined) query.push(['continue', next]);
    const page = pageOf(kind, await requester.json({ verb: 'list', method: 'GET', path, query }, reading.signal));
    for (const item of page.items) items.push(reading.keep(objectOf(kind, item)));
    // The first page's: whatever a later page may have seen beyond it comes again on a watch from there.
    first ??= page.resourceVersion;
    next = page.continue;
  } while (next !== undefined);
  return { items, resourceVersion: first };
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly continue: string | undefined;
}

function pageOf(kind: Kind<KubeObject>, value: unknown): Page {
  if (isRecord(value) && isRecord(value.metadata)) {
    const { resourceVersion, continue: next } = value.metadata;
    const items: unknown = value.items ?? [];
    if (Array.isArray(items) && typeof resourceVersion === 'string') {
      return { items, resourceVersion, continue: typeof next === 'string' && next !== '' ? next : undefined };
    }
  }
  throw new Garbled(`the answer is no list of ${kind.plural}`);
}
