import { negotiate } from '../accept.ts';
import type { Form } from '../accept.ts';
import { badRequest } from '../errors.ts';
import type { Query } from '../query.ts';
import type { Call } from '../server.ts';
import type { TableDefinition } from '../table/columns.ts';
import { partialText, rowText, tableText } from '../table/table.ts';
import type { Include, TableForm } from '../table/table.ts';
import type { Saved } from '../write/commit.ts';

/** One object in the form that the client asked for, as JSON. @throws {ApiError} 406 when it takes no JSON. */
export function present(call: Call, saved: Saved): string {
  return presentAs(call, saved, call.resource.table, negotiate(call.headers['accept']));
}

/** One object in `form`; `definition` is its table. */
export function presentAs(call: Call, { object, text }: Saved, definition: TableDefinition, form: Form): string {
  if (form.as === 'Object') return text;
  if (form.as === 'PartialObjectMetadata') return partialText(object, form.version);
  const table = tableForm(call.query, form);
  const row = rowText(definition, object, text, table, call.server.runtime.clock.now());
  return tableText(definition, { resourceVersion: object.metadata.resourceVersion }, [row], form.version);
}

/** How rows are to be made. @throws {ApiError} 400 for an `includeObject` that there is not. */
export function tableForm(query: Query, form: Form): TableForm {
  const include = query.get('includeObject') || 'Metadata';
  if (!isInclude(include))
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
  return { version: form.version, include };
}

function isInclude(value: string): value is Include {
  return value === 'None' || value === 'Metadata' || value === 'Object';
}
