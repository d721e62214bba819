import { rfc3339 } from '../../base/time.ts';
import type { Condition } from '../../meta/objects.ts';
import type { Remainder } from './content.ts';

/** A Namespace's condition: as any other, but without `observedGeneration`. */
export type NamespaceCondition = Omit<Condition, 'observedGeneration'>;

/** The conditions of a namespace that is going, in the words of Kubernetes' own namespace controller, which people and tools look for. */
export function terminatingConditions(before: readonly NamespaceCondition[], left: Remainder, now: number): NamespaceCondition[] {
  const wanted = [
    { ...fixed.discovery, status: 'False' as const },
    { ...fixed.parsing, status: 'False' as const },
    contentFailure(left.failures),
    contentRemaining(left.resources),
    finalizersRemaining(left.finalizers),
  ];
  const others = before.filter(({ type }) => !wanted.some((condition) => condition.type === type));
  return [...others, ...wanted.map((condition) => timed(before, condition, now))];
}

/** Whatever order their fields have. */
export function saysTheSame(a: readonly NamespaceCondition[], b: readonly NamespaceCondition[]): boolean {
  const words = (all: readonly NamespaceCondition[]): string =>
    JSON.stringify(all.map((one) => [one.type, one.status, one.reason, one.message]).sort());
  return words(a) === words(b);
}

const fixed = {
  discovery: {
    type: 'NamespaceDeletionDiscoveryFailure',
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  parsing: {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
} as const;

type Untimed = Omit<NamespaceCondition, 'lastTransitionTime'>;

function contentFailure(failures: ReadonlyMap<string, string>): Untimed {
  const type = 'NamespaceDeletionContentFailure';
  if (failures.size === 0) {
    return { type, status: 'False', reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' };
  }
  const words = sorted(failures).map(([resource, error]) => `${resource}: ${error}`);
  return {
    type,
    status: 'True',
    reason: 'ContentDeletionFailed',
    message: `Failed to delete all resource types, ${String(words.length)} remaining: ${words.join(', ')}`,
  };
}

function contentRemaining(resources: ReadonlyMap<string, number>): Untimed {
  const type = 'NamespaceContentRemaining';
  if (resources.size === 0) return { type, status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' };
  const words = sorted(resources).map(([resource, count]) => `${resource} has ${String(count)} resource instances`);
  return { type, status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${words.join(', ')}` };
}

function finalizersRemaining(finalizers: ReadonlyMap<string, number>): Untimed {
  const type = 'NamespaceFinalizersRemaining';
  if (finalizers.size === 0) {
    return { type, status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' };
  }
  const words = sorted(finalizers).map(([finalizer, count]) => `${finalizer} in ${String(count)} resource instances`);
  return {
    type,
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${words.join(', ')}`,
  };
}

function timed(before: readonly NamespaceCondition[], condition: Untimed, now: number): NamespaceCondition {
  const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
  return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? rfc3339(now) };
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
