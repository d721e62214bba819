import type { UnknownObject } from '../../../meta/objects.ts';
import { apiVersionOf } from '../../../meta/resource.ts';
import { negotiate } from '../accept.ts';
import type { Form } from '../accept.ts';
import { no } from '../errors.ts';
import { shown } from '../registry/resource.ts';
import type { Resource, Shown } from '../registry/resource.ts';
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
  const form = listForm(resource, negotiate(call.headers['accept']));
  const selection = selectionOf(resource, call.namespace, query);
  const selected = select(call, selection, listOptions(query, server.store.revision()));
  return jsonText(200, render(call, selected, form));
}

/** @throws {ApiError} 406 when the metadata of one object was asked for. */
function listForm({ custom, group, listKind }: Resource, form: Form): Form {
  if (form.as !== 'PartialObjectMetadata' || form.listed === true) return form;
  const name = custom ? 'unstructured.UnstructuredList' : `${goPackage(group)}.${listKind}`;
  throw no(406, 'NotAcceptable', `you requested PartialObjectMetadata, but the requested object is a list (*${name})`);
}

/** Where a real server has the types of a group; the events of both groups are one. */
function goPackage(group: string): string {
  return group === '' || group === 'events.k8s.io' ? 'core' : (group.split('.')[0] ?? group);
}

/** An empty `continue` is left out of the lists of built-in kinds, and of all tables. */
function listMeta({ items, revision, next, remaining }: Selected, empty: { readonly continue?: string }): object {
  const after = next !== undefined && items.length > 0 ? { continue: encodeContinue({ revision, after: next }) } : empty;
  return { resourceVersion: String(revision), ...after, ...(remaining === undefined ? {} : { remainingItemCount: remaining }) };
}

/** A list in the form that was asked for, as JSON. */
export function render(call: Call, selected: Selected, form: Form): string {
  const { resource } = call;
  const meta = listMeta(selected, resource.custom && form.as === 'Object' ? { continue: '' } : {});
  if (form.as === 'Table') return renderTable(call, selected, meta, form);
  if (form.as === 'PartialObjectMetadata') {
    const items = selected.items.map((stored) => partialText(shown(resource, stored).object, form.version));
    return listText('PartialObjectMetadataList', `meta.k8s.io/${form.version}`, meta, items.length === 0 ? undefined : items);
  }
  return listText(
    resource.listKind,
    apiVersionOf(resource),
    meta,
    selected.items.map((stored) => itemText(resource, shown(resource, stored))),
  );
}

/** Items of built-in kinds leave out what the list says already. */
function itemText({ custom }: Resource, { object, text }: Shown): string {
  if (custom) return text;
  // Most texts begin with both: then there is nothing to write anew.
  const { apiVersion, kind } = object;
  const own = [`{"apiVersion":"${apiVersion}","kind":"${kind}",`, `{"kind":"${kind}","apiVersion":"${apiVersion}",`];
  const start = own.find((beginning) => text.startsWith(beginning));
  if (start !== undefined) return `{${text.slice(start.length)}`;
  const bare: Partial<UnknownObject> = { ...object };
  delete bare.apiVersion;
  delete bare.kind;
  return JSON.stringify(bare);
}

/** Without `items` there is null: what a nil slice of Go becomes. */
function listText(kind: string, apiVersion: string, meta: object, items: readonly string[] | undefined): string {
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(meta)},"items":${items === undefined ? 'null' : `[${items.join(',')}]`}}`;
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
