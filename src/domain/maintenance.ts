/** What asks for a whole host to be empty, and for how long: pure. */
import { guardFinalizer, liftedAnnotation, type Host, type HostClaim } from '../api/host.ts';
import { parseDuration, parseTime } from '../base/time.ts';
import type { Node, Pod } from '../meta/core.ts';

/** The claim's holder. */
export const maintenance = 'Maintenance';

export interface HostFacts {
  readonly host: Host;
  readonly node: Node | undefined;
  /** The host's guards, those being deleted included. */
  readonly guards: readonly Pod[];
}

/**
 * None: nobody drains it. Asked: it is to be empty, until it is uncordoned. Lifted: it was being drained, and its Node was uncordoned or deleted
 * since.
 */
export type Drain = 'None' | 'Asked' | 'Lifted';

export function drainOf({ host, node, guards }: HostFacts): Drain {
  if (host.status.claim?.drain === true) return isCordoned(node) ? 'Asked' : 'Lifted';
  return node !== undefined && guards.some((guard) => asksForDrain(guard, node)) ? 'Asked' : 'None';
}

export function isCordoned(node: Node | undefined): boolean {
  return node?.spec?.unschedulable === true;
}

/** Of one that is held still: evicted, or deleted while the Node is cordoned, which is what `kubectl drain --disable-eviction` does. Any other deletion asks for nothing. */
export function asksForDrain(guard: Pod, node: Node): boolean {
  return isGoing(guard) && isHeld(guard) && !isLifted(guard) && (isEvicted(guard) || isCordoned(node));
}

export function isGoing({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isLifted({ metadata }: Pod): boolean {
  return metadata.annotations?.[liftedAnnotation] !== undefined;
}

export function isHeld({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(guardFinalizer) === true;
}

function isEvicted({ status }: Pod): boolean {
  return status?.conditions?.some(isEviction) === true;
}

function isEviction({ type, status, reason }: { type: string; status: string; reason: string }): boolean {
  return type === 'DisruptionTarget' && status === 'True' && reason === 'EvictionByEvictionAPI';
}

export function isInMaintenance({ spec }: Host): boolean {
  return spec.maintenance?.mode === 'Maintenance';
}

/** For whom nothing may come to a host: whoever claimed it, or will in a moment. Of hosts that are emptied at once none gets what leaves another. */
export function claimantOf(host: Host): string | undefined {
  return host.status.claim?.by ?? (isInMaintenance(host) ? maintenance : undefined);
}

/** Whether the whole host is to be empty, whatever its VMs tolerate. */
export function isToBeEmpty(facts: HostFacts): boolean {
  return isInMaintenance(facts.host) || drainOf(facts) === 'Asked';
}

/** Whether every VM is to leave, since the host is claimed for what cannot be done beside them. */
export function isClaimedEmpty({ status: { claim } }: Pick<Host, 'status'>): boolean {
  return claim?.by === maintenance || claim?.by === 'Profile';
}

/** What the claim is to say; it remembers a drain, whose guard is gone once the host is empty. */
export function claimWords(facts: HostFacts): Omit<HostClaim, 'since'> {
  const remembers = drainOf(facts) === 'Asked' && isCordoned(facts.node);
  return { by: maintenance, ...(remembers ? { drain: true } : {}) };
}

/** When what has not left is powered off, milliseconds since 1970; undefined when it never is. */
export function powerOffAt({ spec, status }: Host): number | undefined {
  const { mode, timeout, onTimeout } = spec.maintenance ?? {};
  const since = parseTime(status.claim?.since);
  if (mode !== 'Maintenance' || onTimeout !== 'PowerOff' || timeout === undefined || since === undefined) return undefined;
  return since + parseDuration(timeout);
}
