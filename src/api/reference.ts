/** The reference page of the API, made from the same schemas as the CRDs. */
import type { KubeObject } from '../meta/objects.ts';
import { apiVersionOf } from '../meta/resource.ts';
import { schemaOf, type SchemaNode } from './crd.ts';
import type { KindDefinition } from './kind.ts';

/** Markdown: a chapter a kind, a row a field. */
export function referencePage(kinds: readonly KindDefinition<KubeObject>[]): string {
  const contents = kinds.map((kind) => `- [${kind.kind}](#${kind.kind.toLowerCase()}): ${kind.description}`);
  const intro =
    'Made from the schemas in `src/api` by `npm run generate`; `kubectl explain` tells the same. All kinds are in the category `hypersphere`.';
  return `${['# API reference', intro, contents.join('\n'), ...kinds.map(chapter)].join('\n\n')}\n`;
}

function chapter(kind: KindDefinition<KubeObject>): string {
  const scope = kind.namespaced ? 'namespaced' : 'cluster-scoped';
  const head = `## ${kind.kind}\n\n${kind.description}\n\n\`${apiVersionOf(kind)}\`, ${scope}, short name \`${kind.shortName}\`.`;
  const { spec, status } = schemaOf(kind).properties ?? {};
  const parts = [head];
  if (kind.maxNameLength !== undefined) parts.push(`Its name is at most ${String(kind.maxNameLength)} characters long.`);
  if (spec !== undefined) parts.push(table('spec', spec));
  if (status !== undefined) parts.push(table('status', status));
  return parts.join('\n\n');
}

function messageOf(rule: unknown): string {
  if (typeof rule !== 'object' || rule === null || !('message' in rule)) return '';
  const path = 'fieldPath' in rule ? `\`${String(rule.fieldPath).slice(1)}\`: ` : '';
  return `${path}${String(rule.message)}`;
}

function table(root: string, schema: SchemaNode): string {
  const rows = rowsOf(root, schema, false).map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  return ['| field | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

type Row = readonly [field: string, type: string, meaning: string];

function rowsOf(path: string, node: SchemaNode, required: boolean): Row[] {
  const own: Row = [`\`${path}\``, typeOf(node) + (required ? ', required' : ''), meaningOf(node)];
  const children = node.items ?? node;
  const prefix = node.items === undefined ? path : `${path}[]`;
  const properties = Object.entries(children.properties ?? {});
  return [own, ...properties.flatMap(([name, child]) => rowsOf(`${prefix}.${name}`, child, (children.required ?? []).includes(name)))];
}

function typeOf(node: SchemaNode): string {
  if (node['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (Array.isArray(node['enum'])) return node['enum'].map((value) => `\`${String(value)}\``).join(', ');
  if (node.items !== undefined) return `list (${String(node['x-kubernetes-list-type'])}) of ${typeOf(node.items)}`;
  if (node.additionalProperties !== undefined) return `map of ${typeOf(node.additionalProperties)}`;
  return node.type ?? 'any';
}

function meaningOf(node: SchemaNode): string {
  const bounds = [
    ...bound(node, 'minimum', 'at least'),
    ...bound(node, 'maximum', 'at most'),
    ...bound(node, 'maxLength', 'at most', ' characters'),
    ...bound(node, 'maxItems', 'at most', ' items'),
  ];
  const rules = Array.isArray(node['x-kubernetes-validations']) ? node['x-kubernetes-validations'].map(messageOf) : [];
  const fallback = node.default === undefined ? [] : [`default \`${JSON.stringify(node.default)}\``];
  const facts = [...bounds, ...fallback, ...rules].join('; ');
  return facts === '' ? (node.description ?? '') : `${node.description ?? ''} (${facts})`;
}

function bound(node: SchemaNode, keyword: string, words: string, unit = ''): string[] {
  const value = node[keyword];
  return value === undefined || node['x-kubernetes-int-or-string'] === true ? [] : [`${words} ${JSON.stringify(value)}${unit}`];
}
