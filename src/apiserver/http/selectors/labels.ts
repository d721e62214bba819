import { badRequest } from '../errors.ts';

type Labels = Readonly<Record<string, string>> | undefined;
export type LabelMatcher = (labels: Labels) => boolean;

const tokenPattern = /\s*(notin\b|in\b|==|!=|[=!<>(),]|[^\s=!<>(),]+)\s*/gy;

/**
 * A label selector as a query has it (`a=b,c!=d,e in (f,g),h,!i,j>1`), or undefined when it selects everything.
 * @throws {ApiError} 400 when it can't be read.
 */
export function parseLabelSelector(text: string): LabelMatcher | undefined {
  if (text.trim() === '') return undefined;
  const parser = new Parser(text);
  const requirements = parser.all();
  return (labels) => requirements.every((requirement) => requirement(labels));
}

class Parser {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(tokenPattern)].map((match) => match[1] ?? '');
    if (this.#tokens.join('') !== text.replace(/\s+/g, '')) this.#fail('unexpected character');
  }

  all(): LabelMatcher[] {
    const requirements = [this.#requirement()];
    while (this.#peek() === ',') {
      this.#next();
      requirements.push(this.#requirement());
    }
    if (this.#peek() !== undefined) this.#fail(`found '${String(this.#peek())}', expected: ',' or 'end of string'`);
    return requirements;
  }

  #requirement(): LabelMatcher {
    if (this.#peek() === '!') {
      this.#next();
      const key = this.#word();
      return (labels) => labels?.[key] === undefined;
    }
    const key = this.#word();
    const operator = this.#peek();
    if (operator === undefined || operator === ',') return (labels) => labels?.[key] !== undefined;
    this.#next();
    return this.#compare(key, operator);
  }

  #compare(key: string, operator: string): LabelMatcher {
    switch (operator) {
      case '=':
      case '==':
        return equals(key, this.#value());
      case '!=':
        return differs(key, new Set([this.#value()]));
      case 'in':
        return isIn(key, this.#set());
      case 'notin':
        return differs(key, this.#set());
      case '<':
      case '>':
        return ordered(key, operator, this.#number());
      default:
        return this.#fail(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #set(): Set<string> {
    if (this.#next() !== '(') this.#fail("expected: '('");
    const values = new Set([this.#value()]);
    while (this.#peek() === ',') {
      this.#next();
      values.add(this.#value());
    }
    if (this.#next() !== ')') this.#fail("expected: ',' or ')'");
    return values;
  }

  #number(): number {
    const value = this.#value();
    if (!/^-?\d+$/.test(value)) this.#fail("for 'Gt', 'Lt' operators, the value must be an integer");
    return Number(value);
  }

  #word(): string {
    const word = this.#next();
    if (word === undefined || !/^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$/.test(word))
      return this.#fail(`found '${word ?? ''}', expected: identifier`);
    return word;
  }

  /** A value may be empty: `a=` selects the empty label. */
  #value(): string {
    const next = this.#peek();
    if (next === undefined || next === ',' || next === ')') return '';
    if (!/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$|^-\d+$/.test(next)) return this.#fail(`found '${next}', expected: identifier`);
    this.#next();
    return next;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string | undefined {
    return this.#tokens[this.#at++];
  }

  #fail(why: string): never {
    throw badRequest(`unable to parse requirement: ${why}`);
  }
}

function equals(key: string, value: string): LabelMatcher {
  return (labels) => labels?.[key] === value;
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
    if (value === undefined || !/^-?\d+$/.test(value)) return false;
    return operator === '<' ? Number(value) < bound : Number(value) > bound;
  };
}
