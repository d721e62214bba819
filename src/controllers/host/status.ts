/** Whether a Host can be counted on, and its phase: pure. What is said of its evacuation others write. */
import { ready } from '../../api/common.ts';
import { datastoresReached, evacuated, responding, type Host, type HostPhase } from '../../api/host.ts';
import { findCondition, isTrue, setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Node } from '../../meta/core.ts';
import type { Condition } from '../../meta/objects.ts';

export interface HostView {
  readonly host: Host;
  readonly node: Node | undefined;
  readonly agent: 'Answering' | 'Silent' | 'NeverSeen';
  readonly now: number;
}

/** The part of the status that the operator owns. */
export interface HostVerdict {
  readonly observedGeneration: number;
  readonly nodeUID?: string;
  readonly phase: HostPhase;
  readonly conditions: readonly Condition[];
}

export function verdictOf(view: HostView): HostVerdict {
  const { host, node, now } = view;
  const generation = host.metadata.generation ?? 0;
  const nodeUID = node?.metadata.uid ?? host.status.nodeUID;
  const verdict = readyOf(view);
  const conditions = [verdict, ...storageOf(host)].flatMap((input) => setCondition(saidOf(host, input.type), input, generation, now));
  return {
    observedGeneration: generation,
    ...(nodeUID === undefined ? {} : { nodeUID }),
    phase: phaseOf(host, verdict),
    conditions,
  };
}

/** The types that are said here. */
export const saidHere: ReadonlySet<string> = new Set([ready, datastoresReached]);

function saidOf({ status }: Host, type: string): Condition[] {
  return (status.conditions ?? []).filter((condition) => condition.type === type);
}

/** There while it does not reach a datastore. */
function storageOf({ status }: Host): ConditionInput[] {
  const names = (status.lostDatastores ?? []).map(({ name }) => name);
  if (names.length === 0) return [];
  const which = names.length === 1 ? 'datastore' : 'datastores';
  const message = `it does not reach ${which} ${names.join(', ')}: VMs with disks there start on other hosts`;
  return [{ type: datastoresReached, status: 'False', reason: 'DatastoresLost', message }];
}

/** What matters most to people: whether it answers, then whether it is being emptied. */
function phaseOf({ spec, status: { conditions, claim } }: Host, verdict: ConditionInput): HostPhase {
  if (verdict.reason === 'Fenced') return 'Fenced';
  if (verdict.status === 'Unknown') return verdict.reason === 'AgentNeverSeen' ? 'Pending' : 'Unknown';
  if (findCondition(conditions, evacuated)?.status === 'False') return 'Evacuating';
  if (claim?.by === 'Maintenance' || claim?.by === 'Profile') return isTrue(conditions, evacuated) ? 'Maintenance' : 'Evacuating';
  // Said with the new generation: its claim follows at once.
  if (spec.maintenance?.mode === 'Maintenance') return 'Evacuating';
  return verdict.status === 'True' ? 'Available' : 'NotReady';
}

function readyOf({ host, node, agent }: HostView): ConditionInput {
  // False: its agent answers, so what runs on it is known. Unknown: nobody can say.
  const known = agent === 'Answering' ? 'False' : 'Unknown';
  const { fence, conditions } = host.status;
  if (fence?.state === 'Fenced') return unready('False', 'Fenced', `${fence.proof ?? 'it is fenced'}: what ran on it is dead for certain`);
  const silence = findCondition(conditions, responding);
  if (silence !== undefined) return unready('Unknown', 'HostUnreachable', silence.message);
  if (node === undefined) return unready(known, 'NodeMissing', 'there is no Node of this name; its VMs are left as they are');
  if (agent === 'NeverSeen') return unready('Unknown', 'AgentNeverSeen', 'no agent has reported from it yet');
  if (agent === 'Silent') return unready('Unknown', 'HostUnreachable', 'its agent has not renewed its lease');
  if (host.status.inventory === undefined) return unready('False', 'NoInventory', 'its agent has not said yet what it has');
  return { type: ready, status: 'True', reason: 'AgentAnswers', message: 'its agent answers' };
}

function unready(status: Condition['status'], reason: string, message: string): ConditionInput {
  return { type: ready, status, reason, message };
}
