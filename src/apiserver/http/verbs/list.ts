import { apiVersionOf } from '../../../meta/resource.ts';
import { negotiate } from '../accept.ts';
import type { Form } from '../accept.ts';
import { shown } from '../registry/resource.ts';
import { jsonText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import { selectionOf } from '../selectors/selection.ts';
import type { Call } from '../server.ts';
import { partialText, rowText, tableText } from '../table/table.ts';
import { encodeContinue, listOptions } from './list-options.ts';
import { tableForm } from './present.ts';
import { select } from './select.ts';
import type { Selected } from './select.ts';

/** GET of a collection. */
export function list(call: Call): Answer {
  const { resource, server, query } = call;
  const form = negotiate(call.headers['accept']);
  const selection = selectionOf(resource, call.namespace, query);
  const selected = select(call, selection, listOptions(query, server.store.revision()));
  return jsonText(200, render(call, selected, form));
}

function listMeta({ items, revision, next, remaining }: Selected): object {
  const after = next !== undefined && items.length > 0 ? { continue: encodeContinue({ revision, after: next }) } : {};
  return { resourceVersion: String(revision), ...after, ...(remaining === undefined ? {} : { remainingItemCount: remaining }) };
}

/** A list in the form that was asked for, as JSON. */
export function render(call: Call, selected: Selected, form: Form): string {
  const { resource } = call;
  const meta = listMeta(selected);
  if (form.as === 'Table') return renderTable(call, selected, meta, form);
  if (form.as === 'PartialObjectMetadata') {
    const items = selected.items.map((stored) => partialText(shown(resource, stored).object, form.version));
    return listText('PartialObjectMetadataList', `meta.k8s.io/${form.version}`, meta, items);
  }
  return listText(
    resource.listKind,
    apiVersionOf(resource),
    meta,
    selected.items.map((stored) => shown(resource, stored).text),
  );
}

function listText(kind: string, apiVersion: string, meta: object, items: readonly string[]): string {
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(meta)},"items":[${items.join(',')}]}`;
}

function renderTable(call: Call, selected: Selected, meta: object, form: Form): string {
  const { resource, server } = call;
  const table = tableForm(call.query, form);
  const now = server.runtime.clock.now();
  const rows = selected.items.map((stored) => {
    const { object, text } = shown(resource, stored);
    return rowText(resource.table, object, text, table, now);
  });
  return tableText(resource.table, meta, rows, form.version);
}
