import { negotiate } from '../accept.ts';
import type { Form } from '../accept.ts';
import { badRequest } from '../errors.ts';
import type { Query } from '../query.ts';
import type { Call } from '../server.ts';
import { partialText, rowText, tableText } from '../table/table.ts';
import type { Include, TableForm } from '../table/table.ts';
import type { Saved } from '../write/commit.ts';

/** One object in the form that the client asked for, as JSON. @throws {ApiError} 406 when it takes no JSON. */
export function present(call: Call, { object, text }: Saved): string {
  const form = negotiate(call.headers['accept']);
  if (form.as === 'Object') return text;
  if (form.as === 'PartialObjectMetadata') return partialText(object, form.version);
  const table = tableForm(call.query, form);
  const row = rowText(call.resource.table, object, text, table, call.server.runtime.clock.now());
  return tableText(call.resource.table, { resourceVersion: object.metadata.resourceVersion }, [row], form.version);
}

/** How rows are to be made. @throws {ApiError} 400 for an `includeObject` that there is not. */
export function tableForm(query: Query, form: Form): TableForm {
  const include = query.get('includeObject') || 'Metadata';
  if (!isInclude(include)) throw badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
  return { version: form.version, include };
}

function isInclude(value: string): value is Include {
  return value === 'None' || value === 'Metadata' || value === 'Object';
}
