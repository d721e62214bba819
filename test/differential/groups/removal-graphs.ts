import { create, patch, quietly, scenario } from '../scenario.ts';
import type { Scenario, Step } from '../scenario.ts';
import { at, deleted, gone, left, made, referenceTo, stay, unheld } from './owners.ts';
import { policies } from './deletions.ts';
import { objectOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

/** Owners of owners, several owners, rings, and owners that are none. */
export function graphScenarios(subject: Subject): Scenario[] {
  return [...chains(subject), ...severalOwners(subject), ...rings(subject), ...wrongOwners(subject)];
}

function chains(subject: Subject): Scenario[] {
  const chain = (block: boolean): Step[] => [
    made(subject, 'a'),
    made(subject, 'b', { owners: [{ of: 'a', block }] }),
    made(subject, 'c', { owners: [{ of: 'b', block }] }),
  ];
  return [
    ...policies.map((policy) =>
      scenario(
        `a chain: ${policy || 'no policy'}`,
        ...chain(true),
        deleted(subject, 'a', policy),
        gone(subject, 'a'),
        ...(policy === 'Orphan'
          ? [left(subject, 'b', { at: '/metadata/ownerReferences', is: undefined }), left(subject, 'c')]
          : [gone(subject, 'b'), gone(subject, 'c')]),
      ),
    ),
    scenario(
      'a chain: Foreground, held at its end',
      ...chain(true).slice(0, 2),
      made(subject, 'c', { owners: [{ of: 'b', block: true }], finalizers: [stay] }),
      deleted(subject, 'a', 'Foreground'),
      left(subject, 'c', { at: '/metadata/deletionGracePeriodSeconds', is: 0 }),
      left(subject, 'b'),
      left(subject, 'a'),
      unheld(subject, 'c'),
      gone(subject, 'c'),
      gone(subject, 'b'),
      gone(subject, 'a'),
    ),
    scenario(
      'a chain: its middle is deleted',
      ...chain(false),
      deleted(subject, 'b', 'Background'),
      gone(subject, 'b'),
      gone(subject, 'c'),
      left(subject, 'a'),
    ),
    scenario(
      'a diamond',
      made(subject, 'a'),
      made(subject, 'b', { owners: [{ of: 'a', block: true }] }),
      made(subject, 'c', { owners: [{ of: 'a', block: true }] }),
      made(subject, 'd', {
        owners: [
          { of: 'b', block: true },
          { of: 'c', block: true },
        ],
      }),
      deleted(subject, 'a', 'Foreground'),
      ...['d', 'c', 'b', 'a'].map((name) => gone(subject, name)),
    ),
  ];
}

function severalOwners(subject: Subject): Scenario[] {
  const start = (block: boolean): Step[] => [
    made(subject, 'one'),
    made(subject, 'two'),
    made(subject, 'x', {
      owners: [
        { of: 'one', block },
        { of: 'two', block },
      ],
    }),
  ];
  const oneOwner = { at: '/metadata/ownerReferences/1', is: undefined };
  return [
    ...policies.map((policy) =>
      scenario(
        `two owners, one goes: ${policy || 'no policy'}`,
        ...start(true),
        deleted(subject, 'one', policy),
        gone(subject, 'one'),
        left(subject, 'x', oneOwner),
        left(subject, 'two'),
      ),
    ),
    scenario(
      'two owners, both go',
      ...start(false),
      deleted(subject, 'one', 'Background'),
      left(subject, 'x', oneOwner),
      deleted(subject, 'two', 'Background'),
      gone(subject, 'x'),
    ),
    scenario(
      'two owners, one lets it go and the other does not',
      ...start(true),
      deleted(subject, 'one', 'Orphan'),
      left(subject, 'x', oneOwner),
      deleted(subject, 'two', 'Foreground'),
      gone(subject, 'x'),
      gone(subject, 'two'),
    ),
  ];
}

function rings(subject: Subject): Scenario[] {
  const ring = (block: boolean): Step[] => [
    made(subject, 'a'),
    made(subject, 'b', { owners: [{ of: 'a', block }] }),
    quietly(patch('merge', at(subject, 'a'), { metadata: { ownerReferences: [referenceTo(subject, { of: 'b', block })] } })),
  ];
  return [
    ...(['Background', 'Foreground'] as const).map((policy) =>
      scenario(`a ring: ${policy}`, ...ring(true), deleted(subject, 'a', policy), gone(subject, 'a'), gone(subject, 'b')),
    ),
    scenario(
      'a ring: Orphan',
      ...ring(true),
      deleted(subject, 'a', 'Orphan'),
      gone(subject, 'a'),
      left(subject, 'b', { at: '/metadata/ownerReferences', is: undefined }),
    ),
    scenario(
      'an object that owns itself',
      made(subject, 'a'),
      quietly(patch('merge', at(subject, 'a'), { metadata: { ownerReferences: [referenceTo(subject, { of: 'a', block: true })] } })),
      deleted(subject, 'a', 'Foreground'),
      gone(subject, 'a'),
    ),
  ];
}

function wrongOwners(subject: Subject): Scenario[] {
  const elsewhere = { ...subject, collection: subject.collection.replace('{id}', '{id}-b') };
  const nobody = '00000000-1111-2222-3333-444444444444';
  // What is collected meanwhile shows that the collector had its time.
  const marker = [made(subject, 'marker', { owners: [{ of: 'a', as: { uid: nobody } }] }), gone(subject, 'marker')];
  return [
    scenario(
      'an owner of that name with another uid',
      made(subject, 'a'),
      made(subject, 'x', { owners: [{ of: 'a', as: { uid: nobody } }] }),
      gone(subject, 'x'),
      left(subject, 'a'),
    ),
    scenario('an owner that never was', made(subject, 'x', { owners: [{ of: 'none', as: { uid: nobody } }] }), gone(subject, 'x')),
    scenario(
      'an owner by its uid with another name',
      made(subject, 'a'),
      made(subject, 'x', { owners: [{ of: 'a', as: { name: 'other' } }] }),
      gone(subject, 'x'),
      left(subject, 'a'),
    ),
    scenario(
      'an owner by its uid with another kind',
      made(subject, 'a'),
      made(subject, 'x', { owners: [{ of: 'a', as: { kind: 'Secret' } }] }),
      gone(subject, 'x'),
      left(subject, 'a'),
    ),
    scenario(
      'an owner in another namespace',
      quietly(create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}-b' } })),
      quietly(create(elsewhere.collection, objectOf(subject, { metadata: { name: 'a' } }), { capture: { a: '/metadata/uid' } })),
      made(subject, 'x', { owners: [{ of: 'a' }] }),
      gone(subject, 'x'),
      left(elsewhere, 'a'),
    ),
    scenario(
      'an owner of a kind that there is not',
      made(subject, 'a'),
      made(subject, 'x', { owners: [{ of: 'a', as: { apiVersion: 'none.example/v1', kind: 'None' } }] }),
      ...marker,
      left(subject, 'x'),
    ),
    scenario(
      'one owner that is there and one that never was',
      made(subject, 'a'),
      made(subject, 'x', { owners: [{ of: 'a' }, { of: 'none', as: { uid: nobody } }] }),
      left(subject, 'x', { at: '/metadata/ownerReferences/1', is: undefined }),
    ),
    scenario(
      'an owner that is gone, of an object that lets its own dependents go',
      made(subject, 'a'),
      made(subject, 'b', { owners: [{ of: 'a' }], finalizers: ['orphan'] }),
      made(subject, 'c', { owners: [{ of: 'b' }] }),
      deleted(subject, 'a', 'Background'),
      gone(subject, 'b'),
      left(subject, 'c', { at: '/metadata/ownerReferences', is: undefined }),
    ),
  ];
}
