import { parseQuantity } from '../../../base/quantity.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import { fieldsAt, listAt } from '../values.ts';

const counted = ['cpu', 'memory'] as const;

/** Guaranteed, Burstable or BestEffort, from what the containers ask for. */
export function qosClass(object: UnknownObject): string {
  const containers = [...listAt(object, 'spec', 'containers'), ...listAt(object, 'spec', 'initContainers')];
  const asks = containers.flatMap((container) => counted.map((name) => ask(container, name)));
  if (asks.every((one) => one.request === undefined && one.limit === undefined)) return 'BestEffort';
  const guaranteed = asks.every((one) => one.limit !== undefined && (one.request === undefined || one.request === one.limit));
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function ask(container: unknown, name: string): { request: bigint | undefined; limit: bigint | undefined } {
  return {
    request: amount(fieldsAt(container, 'resources', 'requests')[name]),
    limit: amount(fieldsAt(container, 'resources', 'limits')[name]),
  };
}

function amount(value: unknown): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseQuantity(String(value));
  } catch {
    return undefined;
  }
}
