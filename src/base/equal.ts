/** Whether two JSON values are the same, whatever the order of their objects' keys. A field that is undefined counts as absent. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isFields(a)) return isFields(b) && equalFields(a, b);
  return Array.isArray(a) && Array.isArray(b) && equalLists(a, b);
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: object): value is Fields {
  return !Array.isArray(value);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => equal(item, b[index]));
}

/** Looks at each field of both, and makes nothing: this is asked of every object that goes by. */
function equalFields(a: Fields, b: Fields): boolean {
  let present = 0;
  for (const key of Object.keys(a)) {
    const value = a[key];
    if (value === undefined) continue;
    if (!Object.hasOwn(b, key) || !equal(value, b[key])) return false;
    present++;
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) present--;
  return present === 0;
}
