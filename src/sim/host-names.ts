/** Hosts are named by their pool and a number: pure. */

export function hostName(pool: string, ordinal: number): string {
  return `${pool}-${String(ordinal)}`;
}

/** What `hostName` made of what, or undefined for a name that it does not make. */
export function ordinalOf(host: string): { readonly pool: string; readonly ordinal: number } | undefined {
  const [, pool, ordinal] = /^(.+)-([1-9][0-9]{0,5})$/.exec(host) ?? [];
  return pool === undefined ? undefined : { pool, ordinal: Number(ordinal) };
}
