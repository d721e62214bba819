import { get, quietly } from '../scenario.ts';
import type { Headers, RequestStep } from '../scenario.ts';
import { objectOf, subjects } from './subjects.ts';
import type { Subject } from './subjects.ts';

/** A custom kind and a built-in one: what lists and watches are tried on. */
export function two(): Subject[] {
  return subjects.filter(({ name }) => name === 'widget' || name === 'configmap');
}

/** An object of the kind with some labels. */
export function meagre(subject: Subject, name: string, labels: object = {}): object {
  return objectOf(subject, { metadata: { name, labels } });
}

/** The header that asks for a form of meta.k8s.io. */
export function as(kind: string, version = 'v1'): { readonly headers: Headers } {
  return { headers: { accept: `application/json;as=${kind};v=${version};g=meta.k8s.io` } };
}

/** Waits until a server's cache is as new as its store: what is asked of a cache, which versions allow, would else hang on its timing. */
export function fresh({ collection }: Subject): RequestStep {
  // A list without a version is of the newest state, wherever it comes from.
  return quietly(get(collection));
}
