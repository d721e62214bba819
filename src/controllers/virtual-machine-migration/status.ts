/** The only writer of a migration's status: pure, from what was read and what was decided. */
import { complete, failed, ready, stalled } from '../../api/common.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import type { VirtualMachineMigrationStatus } from '../../api/virtual-machine-migration.ts';
import { formatDuration, parseTime, rfc3339 } from '../../base/time.ts';
import type { MigrationDecision, MigrationView, Progress } from '../../domain/migration-decision.ts';
import { setCondition, type ConditionInput } from '../../meta/conditions.ts';

/** The status that says `decision` of what `view` shows. Equal input gives an equal status: nothing is written twice. */
export function statusOf(view: MigrationView, decision: MigrationDecision): VirtualMachineMigrationStatus {
  const { migration, now } = view;
  const inputs = conditionsOf(view, decision);
  if (inputs.length === 0) return migration.status;
  const generation = migration.metadata.generation ?? 0;
  let conditions = migration.status.conditions ?? [];
  for (const input of inputs) conditions = setCondition(conditions, input, generation, now);
  return { ...migration.status, ...fieldsOf(view, decision), observedGeneration: generation, conditions };
}

function fieldsOf(view: MigrationView, decision: MigrationDecision): Partial<VirtualMachineMigrationStatus> {
  switch (decision.do) {
    case 'wait':
      return { phase: 'Pending' };
    case 'admit':
      return { phase: 'Preparing', startedAt: rfc3339(view.now), ...endsOf(view, decision.move) };
    case 'follow':
      return { phase: decision.phase, ...toldBy(view, decision.source) };
    case 'succeed':
      return { phase: 'Succeeded', ...toldBy(view, decision.source), ...outcomeOf(decision.source), ...endedAt(view) };
    case 'fail':
      return { phase: 'Failed', ...endedAt(view) };
    default:
      return {};
  }
}

function endsOf(
  { vm }: MigrationView,
  move: (MigrationDecision & { readonly do: 'admit' })['move'],
): Partial<VirtualMachineMigrationStatus> {
  return {
    ...(vm === undefined ? {} : { virtualMachineUID: vm.metadata.uid }),
    source: move.source.spec.nodeName,
    target: move.nodeName,
    sourceInstance: move.source.metadata.name,
    targetInstance: move.targetInstance,
  };
}

/** What the source says of the transfer. */
function toldBy({ migration }: MigrationView, source: VirtualMachineInstance | undefined): { progress?: Progress } {
  const { transfer } = source?.status ?? {};
  if (transfer === undefined || source?.spec.moveTo?.instance !== migration.status.targetInstance) return {};
  const { percent, remaining, estimated } = transfer;
  return { progress: { percent, remaining, ...(estimated === undefined ? {} : { estimated }) } };
}

function outcomeOf(source: VirtualMachineInstance | undefined): Partial<VirtualMachineMigrationStatus> {
  const { transfer } = source?.status ?? {};
  if (transfer === undefined) return {};
  const { postCopy, downtime } = transfer;
  return { mechanism: postCopy === true ? 'PostCopy' : 'PreCopy', ...(downtime === undefined ? {} : { downtime }) };
}

function endedAt({ migration, now }: MigrationView): Partial<VirtualMachineMigrationStatus> {
  const startedAt = parseTime(migration.status.startedAt);
  // Both in whole seconds, as they stand there.
  const ended = parseTime(rfc3339(now)) ?? now;
  return { completedAt: rfc3339(now), ...(startedAt === undefined ? {} : { duration: formatDuration(Math.max(0, ended - startedAt)) }) };
}

function conditionsOf(view: MigrationView, decision: MigrationDecision): ConditionInput[] {
  switch (decision.do) {
    case 'nothing':
    case 'keep':
    case 'release':
    case 'prepare':
    case 'send':
      return [];
    case 'wait':
    case 'follow':
    case 'recall':
      return going(decision.reason, decision.message);
    case 'admit':
      return going('Preparing', `${decision.move.nodeName} makes ready`);
    case 'succeed':
      return ended('Succeeded', `the VM runs on ${view.migration.status.target ?? ''}`, true);
    case 'fail':
      return ended(decision.reason, decision.message, false);
  }
}

function going(reason: string, message: string): ConditionInput[] {
  return [
    { type: ready, status: 'False', reason, message },
    { type: complete, status: 'False', reason, message },
    { type: failed, status: 'False', reason: 'Progressing', message: 'nothing has failed' },
    { type: stalled, status: 'False', reason: 'Progressing', message: 'nobody needs to help' },
  ];
}

function ended(reason: string, message: string, isWell: boolean): ConditionInput[] {
  return [
    { type: ready, status: isWell ? 'True' : 'False', reason, message },
    { type: complete, status: isWell ? 'True' : 'False', reason, message },
    { type: failed, status: isWell ? 'False' : 'True', reason, message },
    { type: stalled, status: isWell ? 'False' : 'True', reason, message },
  ];
}
