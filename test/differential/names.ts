import { canonicalJson } from '../../src/apiserver/schema/json.ts';
import type { Json } from '../../src/meta/objects.ts';
import type { Played } from './player.ts';
import { at } from './substitute.ts';

/** Replaces what a server chose by itself. */
export interface Names {
  replace(value: unknown): unknown;
  text(text: string): string;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Of this century's later years: what a scenario writes itself is older. */
const time = /\b20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const age = /^(\d+[smhdy])+$/;

/** Names for all that was seen while a scenario was played. */
export function namesIn(played: Played): Names {
  const seen = new Seen();
  for (const { heard, events = [] } of played.taken) [heard?.body, ...events].forEach((value) => seen.look(value));
  const versions = [...seen.versions].map(Number).sort((a, b) => a - b);
  const rank = new Map(versions.map((version, i) => [String(version), `rv${String(i + 1)}`]));
  const uids = new Map([...seen.uids].map((uid, i) => [uid, `uid${String(i + 1)}`]));
  const chosen = chosenWords(played);
  const text = (value: string): string =>
    chosen
      .reduce((changed, [word, said]) => changed.replaceAll(said, `{${word}}`), value)
      .replace(uuid, (uid) => uids.get(uid) ?? 'uid?')
      .replace(time, (_, fraction?: string) => (fraction === undefined ? '<time>' : '<microtime>'))
      .replace(/\bcurrent: \d+/g, 'current: <revision>')
      .replace(/(too old resource version: \d+) \(\d+\)/g, '$1 (<revision>)')
      .replace(/\b\d{4,}\b/g, (digits) => rank.get(digits) ?? digits);
  const atLeast = (version: unknown): unknown => {
    if (typeof version !== 'string' || !/^\d+$/.test(version)) return version;
    const before = versions.filter((candidate) => candidate <= Number(version)).length;
    return `≥rv${String(before)}`;
  };
  return { text, replace: (value) => new Replacing(text, atLeast).value(value) };
}

/** What was captured, but for uids and versions, which are named by themselves; the longest first. */
function chosenWords({ words }: Played): (readonly [word: string, said: string])[] {
  const named = [...words].filter(([, said]) => said.match(uuid) === null && !/^\d+$/.test(said) && said.length > 3);
  return named.sort(([, a], [, b]) => b.length - a.length);
}

function entriesOf(value: object): (readonly [key: string, item: unknown])[] {
  // Servers order keys as they like.
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The version of a list, a table or a bookmark says how new the view is, not which version of an object it is. */
function isView(value: object): boolean {
  const kind = 'kind' in value ? value.kind : undefined;
  return typeof kind === 'string' && (kind.endsWith('List') || kind === 'Table') && ('items' in value || 'rows' in value);
}

function isBookmark(value: object): value is { type: 'BOOKMARK'; object: unknown } {
  return 'type' in value && value.type === 'BOOKMARK' && 'object' in value;
}

interface Invalid {
  readonly message: string;
  readonly details: { readonly causes: readonly { readonly field: string; readonly message: string }[] };
}

function isInvalid(value: object): value is Invalid {
  return 'reason' in value && value.reason === 'Invalid' && Array.isArray((value as Partial<Invalid>).details?.causes);
}

/** A real server walks through fields in an order that is another each time. */
function sortedCauses(value: object): object {
  if (!isInvalid(value)) return value;
  const { causes } = value.details;
  const told = (some: typeof causes): string => `[${some.map(({ field, message }) => `${field}: ${message}`).join(', ')}]`;
  const sorted = causes.toSorted((a, b) => (told([a]) < told([b]) ? -1 : 1));
  return { ...value, message: value.message.replace(told(causes), () => told(sorted)), details: { ...value.details, causes: sorted } };
}

/** An object that is quoted within a message, as JSON in whatever order of keys. */
function withSortedJson(text: string): string {
  return text.replace(/"\{(?:[^"\\]|\\.)*\}"/g, (quoted) => {
    try {
      return JSON.stringify(canonicalJson(JSON.parse(String(JSON.parse(quoted))) as Json));
    } catch {
      return quoted;
    }
  });
}

/**
 * Managers that wrote just now, one after the other, by their names: a server orders them by whole seconds, so that their order is one when a
 * second ends between two writes, and another when none does.
 */
function byManager(entries: readonly unknown[]): readonly unknown[] {
  const run = (entry: unknown): string | undefined => (justNow(entry) ? String(at(entry, '/operation')) : undefined);
  const sorted: unknown[] = [];
  for (let from = 0, to = 0; from < entries.length; from = to) {
    const same = run(entries[from]);
    while (to < entries.length && (to === from || (same !== undefined && run(entries[to]) === same))) to++;
    sorted.push(...entries.slice(from, to).sort((a, b) => (writerOf(a) < writerOf(b) ? -1 : 1)));
  }
  return sorted;
}

function justNow(entry: unknown): boolean {
  return String(at(entry, '/time')).search(time) === 0;
}

function writerOf(entry: unknown): string {
  return ['/manager', '/apiVersion', '/subresource'].map((pointer) => JSON.stringify(at(entry, pointer) ?? '')).join(' ');
}

class Seen {
  readonly uids = new Set<string>();
  readonly versions = new Set<string>();

  look(value: unknown, isViewMeta = false): void {
    if (typeof value === 'string') for (const [uid] of value.matchAll(uuid)) this.uids.add(uid);
    if (typeof value !== 'object' || value === null) return;
    const view = isView(value);
    if (Array.isArray(value)) value.forEach((item) => this.look(item));
    else if (isBookmark(value)) return;
    else for (const [key, item] of entriesOf(value)) this.field(key, item, { isViewMeta, view });
  }

  private field(key: string, item: unknown, { isViewMeta, view }: { isViewMeta: boolean; view: boolean }): void {
    if (key === 'resourceVersion' && typeof item === 'string' && /^\d{4,}$/.test(item) && !isViewMeta) this.versions.add(item);
    this.look(item, view && key === 'metadata');
  }
}

class Replacing {
  private readonly text: (text: string) => string;
  private readonly atLeast: (version: unknown) => unknown;

  constructor(text: (text: string) => string, atLeast: (version: unknown) => unknown) {
    this.text = text;
    this.atLeast = atLeast;
  }

  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(withSortedJson(value));
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== 'object' || value === null) return value;
    if (isBookmark(value)) return { type: value.type, object: this.object(value.object as object, true) };
    return this.object(sortedCauses(value), isView(value));
  }

  private object(value: object, view: boolean): object {
    const entries = entriesOf(value).map(([key, item]) => [this.text(key), this.field(key, item, view)]);
    return Object.fromEntries(entries) as object;
  }

  private field(key: string, item: unknown, view: boolean): unknown {
    if (key === 'continue' && typeof item === 'string' && item !== '') return '<continue>';
    // A real server lists the resources of a group in an order that is another each time.
    if (key === 'resources' && Array.isArray(item)) return this.byName(item);
    // As lines: what each manager owns is read at a glance.
    if (key === 'managedFields' && Array.isArray(item)) return byManager(item).map((entry) => this.line(entry));
    // The prose of documentation is each server's own.
    if (key === 'columnDefinitions' && Array.isArray(item))
      return item.map((column) => this.value({ ...(column as object), description: undefined }));
    if (key === 'cells' && Array.isArray(item))
      return item.map((cell) => (typeof cell === 'string' && age.test(cell) ? '<age>' : this.value(cell)));
    if (!view || key !== 'metadata' || typeof item !== 'object' || item === null) return this.value(item);
    const { resourceVersion, ...others } = item as Record<string, unknown>;
    return {
      ...(this.value(others) as object),
      ...(resourceVersion === undefined ? {} : { resourceVersion: this.atLeast(resourceVersion) }),
    };
  }

  private byName(items: readonly unknown[]): unknown {
    const named = items.map((item) => [String(at(item, '/name')), item] as const);
    return this.value(named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item));
  }

  private line(value: unknown): string {
    return canonicalJson(JSON.parse(JSON.stringify(this.value(value))) as Json);
  }
}
