import type { Headers } from '../scenario.ts';
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
