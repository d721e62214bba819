/** What to do next for one FTPair: a chain of small questions in a fixed order. Pure; who may live is the arbiter's to say, never ours. */
import { ready } from '../../api/common.ts';
import type { FTPair } from '../../api/ft-pair.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { findCondition } from '../../meta/conditions.ts';
import { isLive } from '../instances.ts';
import { isToGo } from '../maintenance-mark.ts';
import { moverOf } from '../migration-begin.ts';
import { currentInstance, hasTakenOver, isUnderWay } from '../moving.ts';
import type { Placement } from '../placement.ts';
import { ineligible } from './eligible.ts';
import { shadowNewcomer, standsBy } from './pairing.ts';
import type { ProtectionDecision, ProtectionView, Reason, Why } from './view.ts';

/** What there is, found once. */
interface Standing {
  readonly pair: FTPair;
  readonly vm: VirtualMachine;
  readonly primary: VirtualMachineInstance;
  readonly shadow: VirtualMachineInstance | undefined;
}

export function decideProtection(view: ProtectionView): ProtectionDecision {
  const { pair, vm, instances } = view;
  if (vm === undefined)
    return refuse('VirtualMachineNotFound', `there is no VirtualMachine ${pair?.spec.virtualMachine ?? ''} in the namespace`);
  const primary = currentInstance({ vm, instances });
  if (pair === undefined || pair.metadata.deletionTimestamp !== undefined) return leave(primary, undefined);
  const success = succeeded(view, { pair, vm, primary });
  if (success !== undefined) return success;
  const why = ineligible({ spec: pair.spec, vm, cluster: primary === undefined ? undefined : view.cluster(primary.spec.hostCluster) });
  if (why !== undefined) return leave(primary, why);
  if (primary === undefined) return wait('NotRunning', 'waits until the VM runs');
  // One that it does not name has been given up, and is about to go.
  const shadow = instances.find((one) => isLive(one) && standsBy(one, primary) && one.metadata.name === pair.status.shadow?.instance);
  return follow(view, { pair, vm, primary, shadow });
}

/** Nothing more is to stand by for it. */
function leave(primary: VirtualMachineInstance | undefined, why: Why | undefined): ProtectionDecision {
  if (primary?.spec.shadow !== undefined) return { do: 'unprotect', primary, why, isRefused: why !== undefined };
  return why === undefined ? { do: 'nothing' } : { do: 'refuse', why };
}

function follow(view: ProtectionView, standing: Standing): ProtectionDecision {
  return (
    replacing(view, standing) ??
    lost(view, standing) ??
    dying(view, standing) ??
    leaving(view, standing) ??
    begin(view, standing) ??
    changed(standing) ??
    proceed(view, standing)
  );
}

interface Lives extends Pick<Standing, 'pair' | 'vm'> {
  readonly primary: VirtualMachineInstance | undefined;
}

/** The one that stood by is the VM now, or was until it ended a moment ago: whatever becomes of the VM, that counts. */
function succeeded({ instances }: ProtectionView, { pair, primary, vm }: Lives): ProtectionDecision | undefined {
  const known = pair.status.primary?.instance;
  const heir = instances.find((one) => known !== undefined && one.spec.shadowOf?.instance === known && hasSucceeded(instances, vm, one));
  // Beside another that has the VM it counts for nothing.
  if (heir === undefined || (primary !== undefined && primary !== heir)) return undefined;
  const isTest = pair.spec.testFailover?.epoch === (pair.status.epoch ?? 1);
  const before = instances.find((one) => standsBy(heir, one));
  const died = before !== undefined && isToGo(before) ? 'Maintenance' : 'Unheard';
  return { do: 'succeed', primary: heir, reason: isTest ? 'Test' : died };
}

function hasSucceeded(instances: readonly VirtualMachineInstance[], vm: VirtualMachine, heir: VirtualMachineInstance): boolean {
  return heir.status.protection?.stage === 'Live' || hasTakenOver({ vm, instances }, heir);
}

/** Of a shadow that is of no use both forget it; then there may be another. */
function lost(view: ProtectionView, { pair, primary, shadow }: Standing): ProtectionDecision | undefined {
  const known = primary.spec.shadow;
  const isGone = known !== undefined && shadow?.metadata.uid !== known.instanceUID;
  const why = isGone ? lostWhy(known.nodeName, 'is there no more') : uselessWhy(view, primary, shadow);
  if (why === undefined) return undefined;
  if (known !== undefined) return { do: 'unprotect', primary, why, isRefused: false };
  return pair.status.shadow === undefined ? undefined : { do: 'drop', why };
}

function uselessWhy(view: ProtectionView, primary: VirtualMachineInstance, shadow: VirtualMachineInstance | undefined): Why | undefined {
  if (shadow === undefined) return undefined;
  const { nodeName } = shadow.spec;
  if (view.isFenced(nodeName) && !isHeir(primary, shadow)) return lostWhy(nodeName, 'died with its host');
  if (shadow.status.protection?.stage === 'Refused') return lostWhy(nodeName, 'lost the VM to the original');
  // It died for a shadow that has lost what it had.
  if (primary.spec.shadow?.yield === true && !standing.has(shadow.status.phase ?? 'Pending'))
    return lostWhy(nodeName, 'has nothing to go on from any more');
  const { protection } = primary.status;
  if (protection?.stage === 'Alone' && protection.instanceUID === shadow.metadata.uid)
    return lostWhy(nodeName, 'was not heard by the original, which goes on alone');
  return undefined;
}

const standing: ReadonlySet<string> = new Set(['Shadow', 'Starting', 'Running']);

/** The original has said that it could go on, and not that it cannot any more: it may have done so in its last moment, and then it is the VM that died. */
function isHeir({ status }: VirtualMachineInstance, shadow: VirtualMachineInstance): boolean {
  const { instanceUID, stage } = status.protection ?? {};
  return instanceUID === shadow.metadata.uid && stage !== 'Alone';
}

/** The original finds out which of the two has died for good. */
function dying(view: ProtectionView, { shadow }: Standing): ProtectionDecision | undefined {
  if (shadow === undefined || !view.isFenced(shadow.spec.nodeName)) return undefined;
  return wait(
    'ShadowLost',
    `the shadow on ${shadow.spec.nodeName} died with its host: another one is made once the original goes on alone`,
  );
}

/** A second shadow is to take the place of the one that the original knows of: that one goes once the second is there. */
function replacing(view: ProtectionView, standing: Standing): ProtectionDecision | undefined {
  const { pair, primary, shadow: next } = standing;
  const old = view.instances.find((one) => isLive(one) && standsBy(one, primary) && one.metadata.uid === primary.spec.shadow?.instanceUID);
  if (pair.status.shadow === undefined || old === undefined || old.metadata.name === pair.status.shadow.instance) return undefined;
  if (next === undefined ? !view.isAwaited : isOfNoUse(view, next)) return { do: 'keep', shadow: old };
  const endpoint = next?.status.endpoint;
  if (next !== undefined && endpoint !== undefined) return { do: 'protect', primary, shadow: next, endpoint };
  const before = { ...standing, shadow: old };
  const gone = lost(view, before) ?? dying(view, before);
  if (gone !== undefined) return gone;
  const why = unready(view, primary, old);
  return why === undefined ? { do: 'stand', shadow: old, next: pair.status.shadow.nodeName } : { do: 'wait', why };
}

function isOfNoUse(view: ProtectionView, next: VirtualMachineInstance): boolean {
  return !view.answers(next.spec.nodeName) || isToGo(next);
}

/** It is better elsewhere, and there is room for it: it stays until another one is there, if it could go on. */
function leaving(view: ProtectionView, standing: Standing): ProtectionDecision | undefined {
  const { pair, primary, shadow } = standing;
  const why = shadow === undefined ? undefined : whyElsewhere(view, pair, shadow);
  if (shadow === undefined || why === undefined || primary.spec.shadow?.yield === true) return undefined;
  const placement = placeFor(view, standing);
  if (!('host' in placement) || placement.host === shadow.spec.nodeName) return undefined;
  if (primary.spec.shadow === undefined) return { do: 'drop', why };
  if (unready(view, primary, shadow) !== undefined) return { do: 'unprotect', primary, why, isRefused: false };
  return { do: 'prepare', plan: { primary, nodeName: placement.host, beside: shadow } };
}

function whyElsewhere(view: ProtectionView, { spec }: FTPair, shadow: VirtualMachineInstance): Why | undefined {
  const { nodeName } = shadow.spec;
  const goes = 'its shadow goes, and another one is made';
  if (isToGo(shadow)) return { reason: 'Evacuating', message: `${nodeName} is to be empty: ${goes}` };
  const labels = view.labels(nodeName) ?? {};
  const isWhereAsked = Object.entries(spec.placement?.nodeSelector ?? {}).every(([name, value]) => labels[name] === value);
  return isWhereAsked ? undefined : { reason: 'SpecChanged', message: `${nodeName} is not as spec.placement asks for: ${goes}` };
}

function placeFor(view: ProtectionView, { pair, primary, vm }: Standing): Placement {
  const name = primary.spec.hostCluster;
  const cluster = view.cluster(name);
  return cluster === undefined
    ? { message: `there is no HostCluster ${name}` }
    : view.place(shadowNewcomer(pair, moverOf(vm, primary, cluster)), cluster);
}

function lostWhy(nodeName: string, what: string): Why {
  return { reason: 'ShadowLost', message: `the shadow on ${nodeName} ${what}: another one is made` };
}

/** There is no shadow yet. */
function begin(view: ProtectionView, standing: Standing): ProtectionDecision | undefined {
  const { pair, vm, primary, shadow } = standing;
  if (shadow !== undefined) return undefined;
  const { nodeName } = primary.spec;
  if (view.isAwaited) return wait('Preparing', `makes a shadow on ${pair.status.shadow?.nodeName ?? ''}`);
  if (view.moves.some(isUnderWay)) return wait('Migrating', 'waits until the VM has moved');
  if (!isSettled(primary) || !view.answers(nodeName)) return wait('NotRunning', `waits until the VM runs on ${nodeName}`);
  // Whom it took over from has lost the arbiter for good, whatever became of its host.
  const old = view.instances.find((one) => one !== primary && !standsBy(primary, one));
  if (old !== undefined) return wait('Ending', `waits until nothing else is left of the VM on ${old.spec.nodeName}`);
  const cluster = view.cluster(primary.spec.hostCluster);
  if (cluster === undefined) return wait('HostClusterNotFound', `there is no HostCluster ${primary.spec.hostCluster}`);
  const most = view.fullAround(primary, cluster);
  if (most !== undefined) return wait('TooManyOnHost', `${nodeName}, where it runs, ${fullWords(most)}`);
  const placement = view.place(shadowNewcomer(pair, moverOf(vm, primary, cluster)), cluster);
  if (!('host' in placement)) return wait('NoHostFits', `no second host would do: ${placement.message}`);
  return { do: 'prepare', plan: { primary, nodeName: placement.host } };
}

function fullWords(most: number): string {
  return `has ${String(most)} other originals and shadows already (spec.limits.faultTolerantPerHost)`;
}

/** It runs, and its agent has taken on what was last asked of it. */
function isSettled({ metadata, spec, status }: VirtualMachineInstance): boolean {
  return spec.powerState === 'PoweredOn' && status.phase === 'Running' && status.observedGeneration === metadata.generation;
}

/** It keeps in step as it was asked to before. */
function changed({ pair, primary }: Standing): ProtectionDecision | undefined {
  const { shadow } = primary.spec;
  if (shadow === undefined) return undefined;
  const { checkpoint, mode } = pair.spec;
  const field = mode !== shadow.mode ? 'mode' : checkpoint.interval !== shadow.interval ? 'checkpoint.interval' : undefined;
  if (field === undefined) return undefined;
  const why: Why = { reason: 'SpecChanged', message: `spec.${field} was changed: another shadow is made` };
  return { do: 'unprotect', primary, why, isRefused: false };
}

function proceed(view: ProtectionView, { pair, primary, shadow }: Standing): ProtectionDecision {
  if (shadow === undefined) return { do: 'nothing' };
  const { endpoint } = shadow.status;
  const { nodeName } = shadow.spec;
  if (primary.spec.shadow === undefined) {
    if (endpoint === undefined) return wait('Preparing', `${nodeName} makes room for the shadow${troubleOf(shadow)}`);
    return { do: 'protect', primary, shadow, endpoint };
  }
  const why = unready(view, primary, shadow);
  if (why !== undefined) return { do: 'wait', why };
  const isTest = pair.spec.testFailover?.epoch === (pair.status.epoch ?? 1);
  const isToDie = isTest || isToGo(primary);
  const isReady = shadow.status.phase === 'Shadow' && primary.spec.shadow.yield !== true;
  return isToDie && isReady ? { do: 'test', primary, shadow } : { do: 'stand', shadow };
}

/** Why a shadow that the original knows of could not go on for it. */
function unready(
  view: ProtectionView,
  primary: VirtualMachineInstance,
  { metadata, spec: { nodeName } }: VirtualMachineInstance,
): Why | undefined {
  const held = findCondition(primary.status.conditions, ready);
  if (held?.reason === 'OutputHeld') return { reason: 'OutputHeld', message: held.message };
  const { protection } = primary.status;
  if (protection?.stage !== 'InStep' || protection.instanceUID !== metadata.uid)
    return { reason: 'Synchronising', message: `its memory is sent to ${nodeName}${troubleOf(primary)}` };
  // Whoever would have it go on does not run: nobody dies for such a shadow.
  return view.answers(nodeName) ? undefined : { reason: 'ShadowSilent', message: `${nodeName}, where its shadow is, does not answer` };
}

const usual: ReadonlySet<string> = new Set(['Pending', 'Starting', 'Booting', 'Running', 'Incoming', 'Shadow']);

/** What its agent says stands in the way. */
function troubleOf({ status }: VirtualMachineInstance): string {
  const said = findCondition(status.conditions, ready);
  return said === undefined || usual.has(said.reason) ? '' : `: ${said.reason}: ${said.message}`;
}

function refuse(reason: Reason, message: string): ProtectionDecision {
  return { do: 'refuse', why: { reason, message } };
}

function wait(reason: Reason, message: string): ProtectionDecision {
  return { do: 'wait', why: { reason, message } };
}
