import type { SchemaNode } from '../structural.ts';

/**
 * A rule's `fieldPath`, such as `.spec.size` or `.labels['a.b']`, as it stands in causes: `spec.size`, `labels[a.b]`.
 * @throws {Error} when it is no path of `node`.
 */
export function normalizeFieldPath(path: string, node: SchemaNode): string {
  return fieldAt(path, node).text;
}

/** The schema of what is at `path`, and the path as it stands in causes. @throws {Error} when it is no path of `node`. */
export function fieldAt(path: string, node: SchemaNode): { readonly text: string; readonly node: SchemaNode } {
  const step = /\.([^.[\]]*)|\['((?:\\.|[^'\\])*)'\]/y;
  let result = '';
  let here = node;
  for (let at = 0; at < path.length; at = step.lastIndex) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (match === null) throw new Error(`expected [ or . but got: ${path.slice(at)}`);
    const name = match[1] ?? unescape(match[2] ?? '');
    const named: SchemaNode | undefined = here.properties.get(name);
    const additional: SchemaNode | 'any' | undefined = here.additional;
    const next: SchemaNode | undefined = named ?? (here.properties.size === 0 && typeof additional === 'object' ? additional : undefined);
    if (next === undefined) throw new Error('does not refer to a valid field');
    result = named === undefined ? `${result}[${name}]` : result === '' ? name : `${result}.${name}`;
    here = next;
  }
  return { text: result, node: here };
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unescape(text: string): string {
  return text.replace(/\\(.)/gs, (whole, char: string) => {
    const found = escapes[char];
    if (found === undefined) throw new Error(`invalid string literal: invalid escape char ${whole}`);
    return found;
  });
}
