import { numberAt } from '../values.ts';
import { since } from './ages.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import type { TableDefinition } from './columns.ts';

/** The table of autoscaling/v1 Scale. */
export const scaleTable: TableDefinition = {
  columns: [
    nameColumn,
    column('Desired', 'integer', 'How many there should be.'),
    column('Available', 'integer', 'How many there are.'),
    { ...ageColumn, type: 'date' },
  ],
  cells: (object, now) => [
    object.metadata.name,
    numberAt(object, 'spec', 'replicas') ?? 0,
    numberAt(object, 'status', 'replicas') ?? 0,
    since(object.metadata.creationTimestamp, now),
  ],
};
