/** A URL taken apart, each part as it was written. */
export interface Url {
  /** In lower case; empty for an absolute path. */
  readonly scheme: string;
  /** With its port, an IPv6 address in brackets. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
}

const parts = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/s;

/** Reads an absolute URL or an absolute path, as an HTTP request line may have it; undefined for anything else. */
export function parseUrl(text: string): Url | undefined {
  const match = hasControl(text) ? null : parts.exec(text);
  if (match === null) return undefined;
  const [, scheme = '', authority, path = '', query = ''] = match;
  const rooted = path.startsWith('/');
  const complete = scheme === '' ? authority === undefined && rooted : authority !== undefined || path !== '';
  if (!complete || /%(?![0-9a-fA-F]{2})/.test(path)) return undefined;
  const host = hostOf(authority ?? '');
  return host === undefined ? undefined : { scheme: scheme.toLowerCase(), ...host, path, query };
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function hostOf(authority: string): Pick<Url, 'host' | 'hostname' | 'port'> | undefined {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const match = /^(\[[0-9a-fA-F:.]+(?:%25[^\]]+)?\]|[^:[\]<>"\\^`{|} ]*)(?::([0-9]*))?$/.exec(host);
  if (match === null) return undefined;
  const name = match[1] ?? '';
  return { host, hostname: name.startsWith('[') ? name.slice(1, -1) : name, port: match[2] ?? '' };
}

/** The path with what may not stand in one percent-encoded; what is encoded already stays. */
export function escapedPath(url: Url): string {
  return encodeURI(url.path).replaceAll('%25', '%');
}

/** The query's values by name, decoded. */
export function queryOf(url: Url): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(url.query)) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
}
