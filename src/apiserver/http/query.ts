import { badRequest } from './errors.ts';

/** The query of a request; where a name stands twice the first counts, as in Go's url.Values. */
export class Query {
  readonly #values = new Map<string, string[]>();

  constructor(pairs: readonly (readonly [name: string, value: string])[]) {
    for (const [name, value] of pairs) {
      const values = this.#values.get(name);
      if (values === undefined) this.#values.set(name, [value]);
      else values.push(value);
    }
  }

  /** The value, or `''` when there is none. */
  get(name: string): string {
    return this.#values.get(name)?.[0] ?? '';
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Absent, empty, `false` and `0` are false; anything else is true. */
  flag(name: string): boolean {
    const value = this.get(name).toLowerCase();
    return value !== '' && value !== 'false' && value !== '0';
  }

  /** A whole number, or undefined when absent. @throws {ApiError} 400 for anything else. */
  integer(name: string): number | undefined {
    const value = this.get(name);
    if (value === '') return undefined;
    if (!/^-?\d{1,15}$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    return Number(value);
  }
}
