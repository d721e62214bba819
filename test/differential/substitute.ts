/** What `{word}` stands for. Braces around anything else are left alone. */
export type Words = ReadonlyMap<string, string>;

const encoder = new TextEncoder();

export function substitute(text: string, words: Words): string {
  return text.replace(/\{([a-zA-Z][a-zA-Z0-9]*)\}/g, (whole, word: string) => words.get(word) ?? whole);
}

/** The body of a request as bytes. */
export function bodyOf(body: unknown, words: Words): Uint8Array | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return body;
  return encoder.encode(typeof body === 'string' ? substitute(body, words) : JSON.stringify(within(body, words)));
}

/** `value` with the words replaced in all texts and keys. */
export function within(value: unknown, words: Words): unknown {
  if (typeof value === 'string') return substitute(value, words);
  if (Array.isArray(value)) return value.map((item) => within(item, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [substitute(key, words), within(item, words)]));
}

/** What stands at a JSON pointer; undefined when nothing does. */
export function at(value: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<unknown>((found, key) => child(found, key.replaceAll('~1', '/').replaceAll('~0', '~')), value);
}

function child(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
