import { fnv1a } from '../../../base/hash.ts';
import { httpDate } from '../../../base/time.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Query } from '../query.ts';
import type { Registry } from '../registry/registry.ts';
import type { Resource } from '../registry/resource.ts';
import { json, jsonText, plainText } from '../respond.ts';
import type { Answer } from '../respond.ts';
import { openApiDocument } from './document.ts';

/** Answers GETs below /openapi/v3. */
export interface OpenApi {
  /** What there is, each with a URL that changes with its content. */
  index(): Answer;
  /** The document of a group and version, such as `api/v1` or `apis/coordination.k8s.io/v1`; undefined when there is none. */
  document(groupVersion: string, query: Query, ifNoneMatch: string | undefined): Answer | undefined;
}

interface Document {
  readonly text: string;
  readonly hash: string;
}

const year = 365 * 24 * 3_600_000;

export function openApi(registry: Registry, clock: Clock): OpenApi {
  let generation = -1;
  const documents = new Map<string, Document>();
  let groups = new Map<string, Resource[]>();

  const refresh = (): void => {
    if (generation === registry.generation()) return;
    generation = registry.generation();
    documents.clear();
    groups = new Map();
    for (const resource of registry.all()) {
      const name = resource.group === '' ? `api/${resource.version}` : `apis/${resource.group}/${resource.version}`;
      groups.set(name, [...(groups.get(name) ?? []), resource]);
    }
  };
  const make = (name: string, resources: readonly Resource[]): Document => {
    const known = documents.get(name);
    if (known !== undefined) return known;
    const text = openApiDocument(resources);
    const document = { text, hash: fnv1a(text).toUpperCase() };
    documents.set(name, document);
    return document;
  };
  return {
    index: () => {
      refresh();
      const paths: Record<string, object> = {};
      for (const [name, resources] of groups) paths[name] = { serverRelativeURL: urlOf(name, make(name, resources)) };
      return json(200, { paths });
    },
    document: (name, query, ifNoneMatch) => {
      refresh();
      const resources = groups.get(name);
      if (resources === undefined) return undefined;
      const document = make(name, resources);
      const wanted = query.get('hash');
      if (wanted !== '' && wanted !== document.hash) return { ...plainText(301, ''), headers: { location: urlOf(name, document) } };
      const etag = `"${document.hash}"`;
      const headers = { etag, vary: 'Accept', ...(wanted === '' ? {} : immutable(clock)) };
      if (ifNoneMatch === etag) return { ...plainText(304, ''), headers };
      return jsonText(200, document.text, headers);
    },
  };
}

function urlOf(name: string, { hash }: Document): string {
  return `/openapi/v3/${name}?hash=${hash}`;
}

/** A document under its hash never changes: clients keep it on their disks. */
function immutable(clock: Clock): Record<string, string> {
  return { 'cache-control': 'public, immutable', expires: httpDate(clock.now() + year) };
}
