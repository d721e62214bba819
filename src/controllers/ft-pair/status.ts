/** The only writer of a pair's status: pure, from what was decided. */
import { enabled, protects, type FTPair, type FTPairStatus } from '../../api/ft-pair.ts';
import { ready } from '../../api/common.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { rfc3339 } from '../../base/time.ts';
import { currentInstance } from '../../domain/moving.ts';
import { shadowName, standsBy } from '../../domain/protection/pairing.ts';
import type { ProtectionDecision, ProtectionView, Why } from '../../domain/protection/view.ts';
import { progressing } from '../../domain/verdict.ts';
import { setCondition, type ConditionInput } from '../../meta/conditions.ts';

type Side = NonNullable<FTPairStatus['primary']>;

/** @param pair the one that `view` is of. */
export function statusOf(pair: FTPair, view: ProtectionView, decision: ProtectionDecision): FTPairStatus {
  const { metadata, status: before } = pair;
  const generation = metadata.generation ?? 0;
  let conditions = before.conditions ?? [];
  const primary = view.vm === undefined ? undefined : currentInstance({ vm: view.vm, instances: view.instances });
  for (const input of conditionsOf(decision, primary)) conditions = setCondition(conditions, input, generation, view.now);
  const shadow = shadowAfter(pair, decision);
  const lastFailover = failoverBefore(before, view, primary);
  return {
    observedGeneration: generation,
    epoch: before.epoch ?? 1,
    ...(before.shadows === undefined ? {} : { shadows: before.shadows }),
    ...(primary === undefined ? {} : { primary: sideOf(primary) }),
    ...(shadow === undefined ? {} : { shadow }),
    ...(lastFailover === undefined ? {} : { lastFailover }),
    ...newsOf(pair, view, decision),
    conditions,
  };
}

/** What was only not heard is known to be dead later. */
function failoverBefore(
  { lastFailover }: FTPairStatus,
  view: ProtectionView,
  primary: VirtualMachineInstance | undefined,
): FTPairStatus['lastFailover'] {
  if (lastFailover?.reason !== 'Unheard' || primary === undefined) return lastFailover;
  const old = view.instances.find((one) => standsBy(primary, one));
  return old !== undefined && view.isFenced(old.spec.nodeName) ? { ...lastFailover, reason: 'HostDead' } : lastFailover;
}

function sideOf({ metadata, spec }: VirtualMachineInstance): Side {
  return { instance: metadata.name, nodeName: spec.nodeName };
}

function shadowAfter(pair: FTPair, decision: ProtectionDecision): Side | undefined {
  switch (decision.do) {
    case 'prepare':
      return { instance: shadowName(pair), nodeName: decision.plan.nodeName };
    case 'keep':
      return sideOf(decision.shadow);
    case 'refuse':
    case 'unprotect':
    case 'drop':
    case 'succeed':
      return undefined;
    default:
      return pair.status.shadow;
  }
}

function newsOf({ status }: FTPair, { now }: ProtectionView, decision: ProtectionDecision): Partial<FTPairStatus> {
  if (decision.do === 'prepare') return { shadows: (status.shadows ?? 0) + 1 };
  if (decision.do !== 'succeed') return {};
  const { blackout } = decision.primary.status.protection ?? {};
  const lastFailover = { at: rfc3339(now), reason: decision.reason, ...(blackout === undefined ? {} : { blackout }) };
  return { epoch: (status.epoch ?? 1) + 1, lastFailover };
}

function conditionsOf(decision: ProtectionDecision, primary: VirtualMachineInstance | undefined): ConditionInput[] {
  const no = refusalIn(decision);
  if (no !== undefined) return [...unprotected(no), condition(enabled, false, no), condition('Stalled', true, no)];
  const accepted: ConditionInput = { type: enabled, status: 'True', reason: 'Accepted', message: 'the VM is to have a shadow' };
  return [...protectionOf(decision, primary), accepted, progressing];
}

function refusalIn(decision: ProtectionDecision): Why | undefined {
  if (decision.do === 'refuse') return decision.why;
  return decision.do === 'unprotect' && decision.isRefused ? decision.why : undefined;
}

function protectionOf(decision: ProtectionDecision, primary: VirtualMachineInstance | undefined): ConditionInput[] {
  switch (decision.do) {
    case 'stand':
    case 'test':
    case 'keep':
      return protectedBy(decision, primary);
    case 'prepare':
      if (decision.plan.beside !== undefined) return protectedBy({ shadow: decision.plan.beside, next: decision.plan.nodeName }, primary);
      return unprotected({ reason: 'Preparing', message: `makes a shadow on ${decision.plan.nodeName}` });
    case 'protect':
      return unprotected({ reason: 'Synchronising', message: `its memory is sent to ${decision.shadow.spec.nodeName}` });
    case 'succeed':
      return unprotected({
        reason: 'ShadowLost',
        message: `the shadow on ${decision.primary.spec.nodeName} is the VM now: another one is made`,
      });
    case 'nothing':
      return [];
    case 'wait':
    case 'drop':
    case 'unprotect':
    case 'refuse':
      return decision.why === undefined ? [] : unprotected(decision.why);
  }
}

interface Stand {
  readonly shadow: VirtualMachineInstance;
  /** The host of the one that is to take its place. */
  readonly next?: string;
}

function protectedBy({ next, shadow }: Stand, primary: VirtualMachineInstance | undefined): ConditionInput[] {
  const needsServer = primary?.spec.arbiter.datastore === undefined;
  const but = needsServer ? '; not while the API server is away, where its arbiter is: it has no disk on a shared datastore' : '';
  const then = next === undefined ? '' : `, until another one is made on ${next}`;
  const why = { reason: 'InStep', message: `the shadow on ${shadow.spec.nodeName} could go on for it${then}${but}` } as const;
  return [ready, protects].map((type) => ({ type, status: 'True', ...why }));
}

function unprotected(why: Why): ConditionInput[] {
  return [ready, protects].map((type) => condition(type, false, why));
}

function condition(type: string, is: boolean, { reason, message }: Why): ConditionInput {
  return { type, status: is ? 'True' : 'False', reason, message };
}
