import { create, get, patch, quietly, remove } from '../scenario.ts';
import type { Awaited, RequestStep } from '../scenario.ts';
import { by } from './deletions.ts';
import type { Policy } from './deletions.ts';
import { objectOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

export const stay = 'x.example/stay';

interface Owner {
  /** The name of an object that was made before. */
  readonly of: string;
  /** Its kind, where that is another. */
  readonly kind?: Subject;
  readonly block?: boolean;
  /** Where the reference is wrong on purpose. */
  readonly as?: object;
}

interface Making {
  readonly owners?: readonly Owner[];
  readonly finalizers?: readonly string[];
}

export function at(subject: Subject, name: string): string {
  return `${subject.collection}/${name}`;
}

/** Makes an object, whose uid later steps know as `{name}`. */
export function made(subject: Subject, name: string, { owners = [], finalizers = [] }: Making = {}): RequestStep {
  const metadata = {
    name,
    ...(finalizers.length === 0 ? {} : { finalizers }),
    ...(owners.length === 0 ? {} : { ownerReferences: owners.map((owner) => referenceTo(subject, owner)) }),
  };
  return quietly(create(subject.collection, objectOf(subject, { metadata }), { capture: { [name]: '/metadata/uid' } }));
}

export function referenceTo(subject: Subject, { of, kind = subject, block, as }: Owner): object {
  const { apiVersion } = kind;
  return { apiVersion, kind: kind.kind, name: of, uid: `{${of}}`, ...(block === undefined ? {} : { blockOwnerDeletion: block }), ...as };
}

export function deleted(subject: Subject, name: string, policy: Policy): RequestStep {
  return remove(at(subject, name), by(policy), { show: ['/kind', '/status', '/metadata/finalizers', '/metadata/deletionTimestamp'] });
}

/** Waits for an object to be gone. */
export function gone(subject: Subject, name: string): RequestStep {
  return get(at(subject, name), { until: { status: 404 }, show: ['/reason', '/metadata/finalizers'] });
}

/** What is left of an object in the end; `until` is waited for. */
export function left(subject: Subject, name: string, until?: Awaited): RequestStep {
  const show = [
    '/metadata/deletionTimestamp',
    '/metadata/deletionGracePeriodSeconds',
    '/metadata/finalizers',
    '/metadata/ownerReferences',
    '/metadata/generation',
    '/reason',
  ];
  return get(at(subject, name), { show, ...(until === undefined ? {} : { until }) });
}

/** Takes away what holds an object. */
export function unheld(subject: Subject, name: string): RequestStep {
  return quietly(patch('merge', at(subject, name), { metadata: { finalizers: null } }));
}
