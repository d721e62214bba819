import { aggregate, invalid } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { badRequest } from '../errors.ts';
import { labelKeyRule, labelValueRule } from '../validate/names.ts';

type Labels = Readonly<Record<string, string>> | undefined;
export type LabelMatcher = (labels: Labels) => boolean;

const tokenPattern = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)\s*/gy;

/**
 * A label selector as a query has it (`a=b,c!=d,e in (f,g),h,!i,j>1`), or undefined when it selects everything.
 * @throws {ApiError} 400 when it can't be read, in apimachinery's words.
 */
export function parseLabelSelector(text: string): LabelMatcher | undefined {
  const requirements = new Parser(text).all();
  if (requirements.length === 0) return undefined;
  return (labels) => requirements.every((requirement) => requirement(labels));
}

const end = '';

class Parser {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(tokenPattern)].map((match) => match[1] ?? '');
  }

  all(): LabelMatcher[] {
    const requirements: LabelMatcher[] = [];
    if (this.#peek() === end) return requirements;
    if (!isWord(this.#peek()) && this.#peek() !== '!')
      throw badRequest(`found '${this.#peek()}', expected: !, identifier, or 'end of string'`);
    for (;;) {
      requirements.push(this.#requirement());
      const next = this.#next();
      if (next === end) return requirements;
      if (next !== ',') throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
      if (!isWord(this.#peek()) && this.#peek() !== '!') throw badRequest(`found '${this.#peek()}', expected: identifier after ','`);
    }
  }

  #requirement(): LabelMatcher {
    const negated = this.#peek() === '!';
    if (negated) this.#next();
    const key = this.#key();
    const operator = this.#peek();
    if (operator === end || operator === ',')
      return negated ? (labels) => labels?.[key] === undefined : (labels) => labels?.[key] !== undefined;
    this.#next();
    return this.#compare(key, operator);
  }

  #compare(key: string, operator: string): LabelMatcher {
    switch (operator) {
      case '=':
      case '==':
        return isIn(key, this.#values(key, [this.#value()]));
      case '!=':
        return differs(key, this.#values(key, [this.#value()]));
      case 'in':
        return isIn(key, this.#values(key, this.#set()));
      case 'notin':
        return differs(key, this.#values(key, this.#set()));
      case '<':
      case '>':
        return ordered(key, operator, this.#number(key));
      default:
        return fail(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #key(): string {
    const key = this.#next();
    if (!isWord(key)) fail(`found '${key}', expected: identifier`);
    return checked(labelKeyRule(key), '<nil>', key);
  }

  /** A value may be empty: `a=` selects the empty label. */
  #value(): string {
    if (this.#peek() === end || this.#peek() === ',') return '';
    const value = this.#next();
    return isWord(value) ? value : fail(`found '${value}', expected: identifier`);
  }

  #number(key: string): number {
    const value = this.#value();
    if (!/^[-+]?\d+$/.test(value)) checked(["for 'Gt', 'Lt' operators, the value must be an integer"], 'values[0]', value);
    this.#values(key, [value]);
    return Number(value);
  }

  /** `(a,b)`; a value between commas may be empty. */
  #set(): string[] {
    const open = this.#next();
    if (open !== '(') fail(`found '${open}' expected: '('`);
    const values: string[] = [];
    if (!isWord(this.#peek()) && ![',', ')'].includes(this.#peek())) fail(`found '${this.#peek()}', expected: ',', ')' or identifier`);
    for (;;) {
      values.push(isWord(this.#peek()) ? this.#next() : '');
      const next = this.#next();
      if (next === ')') return values;
      if (next !== ',') fail(`found '${next}', expected: ',' or ')'`);
      if (!isWord(this.#peek()) && ![',', ')'].includes(this.#peek())) fail(`found '${this.#peek()}', expected: ',', or identifier`);
    }
  }

  #values(key: string, values: readonly string[]): Set<string> {
    const all = [...new Set(values)].sort();
    const causes = all.flatMap((value, i) => labelValueRule(value).map((why) => invalid(`values[${String(i)}][${key}]`, value, why)));
    if (causes.length > 0) failOf(causes);
    return new Set(all);
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? end;
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? end;
  }
}

/** Neither a sign nor the end; the words of operators are words where a key or a value may stand. */
function isWord(token: string): boolean {
  return /^[^\s=!<>(),]+$/.test(token);
}

function checked(why: readonly string[], field: string, value: string): string {
  if (why.length > 0) failOf([invalid(field, value, why.join('; '))]);
  return value;
}

function failOf(causes: readonly Cause[]): never {
  return fail(aggregate(causes));
}

function fail(why: string): never {
  throw badRequest(`unable to parse requirement: ${why}`);
}

function isIn(key: string, values: ReadonlySet<string>): LabelMatcher {
  return (labels) => {
    const value = labels?.[key];
    return value !== undefined && values.has(value);
  };
}

function differs(key: string, values: ReadonlySet<string>): LabelMatcher {
  return (labels) => {
    const value = labels?.[key];
    return value === undefined || !values.has(value);
  };
}

function ordered(key: string, operator: '<' | '>', bound: number): LabelMatcher {
  return (labels) => {
    const value = labels?.[key];
    if (value === undefined || !/^[-+]?\d+$/.test(value)) return false;
    return operator === '<' ? Number(value) < bound : Number(value) > bound;
  };
}
