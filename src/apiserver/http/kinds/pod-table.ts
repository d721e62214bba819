import type { UnknownObject } from '../../../meta/objects.ts';
import { since } from '../table/ages.ts';
import { ageColumn, column, nameColumn, wide } from '../table/columns.ts';
import type { TableDefinition } from '../table/columns.ts';
import { fieldsAt, isFields, listAt, numberAt, textAt, valueAt } from '../values.ts';

export const podTable: TableDefinition = {
  columns: [
    nameColumn,
    column('Ready', 'string', 'How many of its containers are ready.'),
    column('Status', 'string', 'What is of the Pod.'),
    column('Restarts', 'string', 'How often its containers were restarted.'),
    ageColumn,
    wide('IP'),
    wide('Node'),
    wide('Nominated Node'),
    wide('Readiness Gates'),
  ],
  cells: (object, now) => [
    object.metadata.name,
    `${String(readyOf(object))}/${String(listAt(object, 'spec', 'containers').length)}`,
    statusOf(object),
    String(statuses(object).reduce<number>((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0)),
    since(object.metadata.creationTimestamp, now),
    textAt(object, 'status', 'podIP') || '<none>',
    textAt(object, 'spec', 'nodeName') || '<none>',
    textAt(object, 'status', 'nominatedNodeName') || '<none>',
    gatesOf(object),
  ],
};

function statuses(object: UnknownObject): readonly unknown[] {
  return listAt(object, 'status', 'containerStatuses');
}

function readyOf(object: UnknownObject): number {
  return statuses(object).filter((status) => valueAt(status, 'ready') === true).length;
}

function statusOf(object: UnknownObject): string {
  const reason = textAt(object, 'status', 'reason');
  if (object.metadata.deletionTimestamp !== undefined) return reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  const words = statuses(object).map((status) => containerReason(fieldsAt(status, 'state')));
  return words.find((word) => word !== '') ?? (reason || textAt(object, 'status', 'phase') || 'Unknown');
}

function containerReason(state: unknown): string {
  const waiting = textAt(state, 'waiting', 'reason');
  if (waiting !== '') return waiting;
  const terminated = valueAt(state, 'terminated');
  if (!isFields(terminated)) return '';
  return textAt(terminated, 'reason') || `ExitCode:${String(numberAt(terminated, 'exitCode') ?? 0)}`;
}

function gatesOf(object: UnknownObject): string {
  const gates = listAt(object, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType'));
  if (gates.length === 0) return '<none>';
  const conditions = listAt(object, 'status', 'conditions').filter((condition) => textAt(condition, 'status') === 'True');
  const met = gates.filter((gate) => conditions.some((condition) => textAt(condition, 'type') === gate));
  return `${String(met.length)}/${String(gates.length)}`;
}
