/**
 * What to do next for one move: a chain of small questions in a fixed order. Pure; the controller says the answer in the migration's status first and
 * then does it, so that a crash in between repeats a step and never skips one.
 */
import { migrationFinalizer } from '../api/virtual-machine-migration.ts';
import { goOn } from './migration-course.ts';
import { begin } from './migration-begin.ts';
import { cancel } from './migration-end.ts';
import type { MigrationDecision, MigrationView } from './migration-decision.ts';
import { isOver, isUnderWay } from './moving.ts';

export type { MigrationDecision, MigrationView };

export function decideMigration(view: MigrationView): MigrationDecision {
  const { migration } = view;
  const hasFinalizer = migration.metadata.finalizers?.includes(migrationFinalizer) === true;
  if (isOver(migration)) return { do: hasFinalizer ? 'release' : 'nothing' };
  if (migration.metadata.deletionTimestamp !== undefined) return hasFinalizer ? cancel(view) : { do: 'nothing' };
  // Who deletes one waits until it is called off; of housekeeping nobody waits, and what one that vanishes leaves behind the VM's controller takes away.
  const isKept = hasFinalizer || migration.spec.priority === 'System';
  if (!isUnderWay(migration)) return begin(view, isKept);
  return isKept ? goOn(view) : { do: 'keep' };
}
