import { UserError } from '../../../base/errors.ts';
import { isFields } from '../values.ts';

type Step = (values: unknown[]) => unknown[];
export type JsonPath = (value: unknown) => unknown[];

/**
 * The JSONPath of printer columns, scale and selectable fields: `.a.b`, `['a']`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `..a`, `[?(@.a=="b")]`.
 * A dot within a name is escaped: `.metadata.annotations.example\.com/x`. What a path doesn't find is left out.
 * @throws {UserError} when `path` can't be read.
 */
export function compileJsonPath(path: string): JsonPath {
  const steps = new PathParser(path).steps();
  return (value) => steps.reduce((values, step) => step(values), [value]);
}

const literal = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?)|(true|false))$/;
const filterPattern = /^\?\(\s*@((?:"[^"]*"|'[^']*'|[^=!<>\s])*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*\)$/s;

class PathParser {
  readonly #path: string;
  #at = 0;

  constructor(path: string) {
    const inner = path.startsWith('{') && path.endsWith('}') ? path.slice(1, -1) : path;
    this.#path = inner.startsWith('$') ? inner.slice(1) : inner;
  }

  steps(): Step[] {
    const steps: Step[] = [];
    while (this.#at < this.#path.length) steps.push(this.#step());
    return steps;
  }

  #step(): Step {
    if (this.#path.startsWith('..', this.#at)) {
      this.#at += 2;
      const name = this.#name();
      return (values) => values.flatMap((value) => descend(value, name));
    }
    const char = this.#path.charAt(this.#at);
    if (char === '[') return this.#bracket();
    if (char !== '.') throw this.#bad();
    this.#at++;
    if (this.#at === this.#path.length) return (values) => values;
    if (this.#path.charAt(this.#at) === '[') return this.#bracket();
    const name = this.#name();
    return name === '*' ? all : field(name);
  }

  #name(): string {
    const match = /^(?:\\.|[^.[\\])+/s.exec(this.#path.slice(this.#at));
    if (match === null) throw this.#bad();
    this.#at += match[0].length;
    return match[0].replace(/\\(.)/gs, '$1');
  }

  #bracket(): Step {
    const inner = this.#inside();
    if (inner === '*') return all;
    if (/^-?\d+$/.test(inner)) return index(Number(inner));
    const range = /^(-?\d*):(-?\d*)$/.exec(inner);
    if (range !== null) return slice(range[1] ?? '', range[2] ?? '');
    const quoted = /^(['"])(.*)\1$/s.exec(inner);
    if (quoted !== null) return field(quoted[2] ?? '');
    return this.#filter(inner);
  }

  /** What stands between the bracket here and its partner; brackets in quotes and nested ones are its own. */
  #inside(): string {
    const start = ++this.#at;
    let depth = 1;
    let quote = '';
    for (; this.#at < this.#path.length; this.#at++) {
      const char = this.#path.charAt(this.#at);
      if (quote !== '') quote = char === quote ? '' : quote;
      else if (char === '"' || char === "'") quote = char;
      else if (char === '[') depth++;
      else if (char === ']' && --depth === 0) return this.#path.slice(start, this.#at++).trim();
    }
    throw this.#bad();
  }

  #filter(text: string): Step {
    const parts = filterPattern.exec(text);
    if (parts === null) throw this.#bad();
    const [, left = '', operator, right] = parts;
    const path = compileJsonPath(left);
    if (operator === undefined || right === undefined) return (values) => items(values).filter((item) => path(item).length > 0);
    const wanted = this.#operand(right);
    return (values) => items(values).filter((item) => compare(path(item)[0], operator, wanted(item)));
  }

  #operand(text: string): (item: unknown) => unknown {
    if (text.startsWith('@')) {
      const path = compileJsonPath(text.slice(1));
      return (item) => path(item)[0];
    }
    const parts = literal.exec(text);
    if (parts === null) throw this.#bad();
    const [, double, single, number, bool] = parts;
    const value = double ?? single ?? (number === undefined ? bool === 'true' : Number(number));
    return () => value;
  }

  #bad(): UserError {
    return new UserError(`JSON path ${JSON.stringify(this.#path)} can't be read at character ${String(this.#at + 1)}`);
  }
}

function field(name: string): Step {
  return (values) => values.flatMap((value) => (isFields(value) && Object.hasOwn(value, name) ? [value[name]] : []));
}

function items(values: unknown[]): unknown[] {
  return values.flatMap((value) => listOf(value) ?? (isFields(value) ? Object.values(value) : []));
}

function listOf(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

const all: Step = items;

function index(at: number): Step {
  return (values) => values.map((value) => listOf(value)?.at(at)).filter((item) => item !== undefined);
}

function slice(from: string, to: string): Step {
  const [start, end] = [from === '' ? 0 : Number(from), to === '' ? undefined : Number(to)];
  return (values) => values.flatMap((value) => listOf(value)?.slice(start, end) ?? []);
}

function descend(value: unknown, name: string): unknown[] {
  const here = isFields(value) && Object.hasOwn(value, name) ? [value[name]] : [];
  return [...here, ...items([value]).flatMap((child) => descend(child, name))];
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (left === undefined) return false;
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  const order = typeof right === 'number' || typeof right === 'string' ? (left < right ? -1 : left > right ? 1 : 0) : 0;
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
}
