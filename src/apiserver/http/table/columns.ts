import type { UnknownObject } from '../../../meta/objects.ts';

/** metav1.TableColumnDefinition. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableDefinition {
  readonly columns: readonly Column[];
  /** One value a column. `now` in milliseconds since 1970. */
  cells(object: UnknownObject, now: number): readonly unknown[];
}

export function column(name: string, type = 'string', description = '', priority = 0, format = ''): Column {
  return { name, type, format, description, priority };
}

export const nameColumn: Column = column('Name', 'string', 'Name is unique among the objects of its kind in its namespace.', 0, 'name');
export const ageColumn: Column = column('Age', 'string', 'Time since the object was made.');

/** Shown only with -o wide. */
export function wide(name: string, type = 'string', description = ''): Column {
  return column(name, type, description, 1);
}
