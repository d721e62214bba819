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
  const isKept = migration.metadata.finalizers?.includes(migrationFinalizer) === true;
  if (isOver(migration)) return { do: isKept ? 'release' : 'nothing' };
  if (migration.metadata.deletionTimestamp !== undefined) return isKept ? cancel(view) : { do: 'nothing' };
  if (!isUnderWay(migration)) return begin(view, isKept);
  return isKept ? goOn(view) : { do: 'keep' };
}
