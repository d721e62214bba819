import { parseTime } from '../../../base/time.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import { since } from './ages.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import type { Column, TableDefinition } from './columns.ts';
import { humanDuration } from './duration.ts';
import { compileJsonPath } from './jsonpath.ts';

/** A column as a CustomResourceDefinition writes it. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

type Cell = (object: UnknownObject, now: number) => unknown;

/** The table of a custom resource: its name, then its columns; without any, its age. @throws {UserError} for a path that can't be read. */
export function customTable(printerColumns: readonly PrinterColumn[]): TableDefinition {
  if (printerColumns.length === 0) {
    return {
      columns: [nameColumn, { ...ageColumn, type: 'date' }],
      cells: (object, now) => [object.metadata.name, since(object.metadata.creationTimestamp, now)],
    };
  }
  const columns: Column[] = printerColumns.map((from) =>
    column(
      from.name,
      from.type,
      from.description ?? `Custom resource definition column (in JSONPath format): ${from.jsonPath}`,
      from.priority ?? 0,
      from.format ?? '',
    ),
  );
  const cells = printerColumns.map((from) => cellOf(from));
  return {
    columns: [nameColumn, ...columns],
    cells: (object, now) => [object.metadata.name, ...cells.map((cell) => cell(object, now))],
  };
}

function cellOf({ type, jsonPath }: PrinterColumn): Cell {
  const path = compileJsonPath(jsonPath);
  return (object, now) => {
    const found = path(object);
    return found.length === 0 ? null : render(type, found[0], now);
  };
}

function render(type: string, value: unknown, now: number): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : value === null ? '<nil>' : JSON.stringify(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null;
    default:
      return null;
  }
}

function dateCell(value: string, now: number): string {
  const ms = parseTime(value);
  return ms === undefined ? '<invalid>' : humanDuration(now - ms);
}
