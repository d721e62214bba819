import { create, get, quietly, reasonOf, scenario } from '../scenario.ts';
import type { Scenario } from '../scenario.ts';
import { objectOf, pathOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

export function createScenarios(subject: Subject): Scenario[] {
  const { collection } = subject;
  const make = (more?: Parameters<typeof objectOf>[1]) => create(collection, objectOf(subject, more));
  return [
    scenario('create: an object, then read', make(), get(pathOf(subject))),
    scenario('create: what exists already', quietly(make()), make(), create(`${collection}?dryRun=All`, objectOf(subject))),
    scenario('create: dry run', create(`${collection}?dryRun=All`, objectOf(subject)), get(pathOf(subject))),
    scenario(
      'create: options that there are not',
      create(`${collection}?dryRun=Some`, objectOf(subject)),
      create(`${collection}?fieldValidation=Loose`, objectOf(subject)),
      create(`${collection}?fieldManager=${'m'.repeat(129)}`, objectOf(subject)),
      create(`${collection}?dryRun=Some&fieldValidation=Loose`, objectOf(subject)),
    ),
    scenario(
      'create: a name by chance',
      create(collection, objectOf(subject, { metadata: { name: undefined, generateName: '{id}-' } }), {
        capture: { generated: '/metadata/name' },
      }),
      create(`${collection}?dryRun=All`, objectOf(subject, { metadata: { name: undefined, generateName: '{id}-' } }), {
        show: ['/metadata/generateName', '/metadata/uid'],
        capture: { second: '/metadata/name' },
      }),
    ),
    scenario(
      'create: names that there cannot be',
      make({ metadata: { name: undefined } }),
      make({ metadata: { name: '' } }),
      make({ metadata: { name: 'Capital_Letters' } }),
      make({ metadata: { name: 'a/b' } }),
      make({ metadata: { name: '..' } }),
      { ...make({ metadata: { name: 'n'.repeat(254) } }), show: ['/reason', '/details/causes/0/reason'] },
      quietly(make({ metadata: { name: undefined, generateName: 'Under_score-' } })),
    ),
    ...(subject.namespaced
      ? [
          scenario(
            'create: in another namespace than it says',
            make({ metadata: { namespace: 'elsewhere' } }),
            make({ metadata: { namespace: '{id}' } }),
            create(collection.replace('{id}', 'no-such-namespace'), objectOf(subject)),
            create(collection.replace('/namespaces/{id}', ''), objectOf(subject)),
          ),
        ]
      : [scenario('create: with a namespace', make({ metadata: { namespace: 'elsewhere' } }))]),
    scenario(
      'create: what only the server writes',
      make({
        metadata: {
          uid: '11111111-2222-3333-4444-555555555555',
          creationTimestamp: '2001-02-03T04:05:06Z',
          generation: 9,
          selfLink: '/x',
          deletionTimestamp: '2001-02-03T04:05:06Z',
          deletionGracePeriodSeconds: 5,
        },
      }),
      make({ metadata: { name: '{id}-2', resourceVersion: '5' } }),
      make({ metadata: { name: '{id}-3', resourceVersion: '0' } }),
      make({ metadata: { name: '{id}-4', resourceVersion: 'x' } }),
    ),
    scenario(
      'create: managed fields of its own',
      make({
        metadata: {
          managedFields: [{ manager: 'me', operation: 'Update', apiVersion: subject.apiVersion, fieldsType: 'FieldsV1', fieldsV1: {} }],
        },
      }),
      create(`${collection}?fieldManager=somebody`, objectOf(subject, { metadata: { name: '{id}-2' } })),
      make({ metadata: { name: '{id}-3', managedFields: [] } }),
    ),
    scenario(
      'create: labels and annotations',
      make({ metadata: { labels: { app: 'web', 'x.example/y': '' }, annotations: { note: 'a b' }, finalizers: ['x.example/stay'] } }),
      make({ metadata: { name: '{id}-2', labels: { 'no good': 'x', good: 'no good' } } }),
      make({ metadata: { name: '{id}-3', annotations: { 'no good': 'x' } } }),
      make({ metadata: { name: '{id}-4', finalizers: ['unqualified'] } }),
      make({ metadata: { name: '{id}-5', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }] } }),
      make({ metadata: { name: '{id}-6', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u' }] } }),
    ),
    scenario(
      'create: metadata of other types',
      reasonOf(make({ metadata: { labels: { app: 7 } } })),
      reasonOf(make({ metadata: { labels: 'web' } })),
      reasonOf(make({ metadata: { name: 7 } })),
    ),
    scenario('create: with a status', make({ status: subject.status?.one ?? { phase: 'Running' } })),
    ...(subject.invalid === undefined
      ? []
      : [
          scenario(
            'create: an object that is not valid',
            make({ [subject.main]: subject.invalid }),
            subject.custom ? make({ [subject.main]: 'text' }) : reasonOf(make({ [subject.main]: 'text' })),
            make({ [subject.main]: null }),
          ),
        ]),
    ...unknownFields(subject),
    ...duplicateFields(subject),
    ...bodies(subject),
  ];
}

const levels = ['Strict', 'Warn', 'Ignore', ''] as const;

function unknownFields(subject: Subject): Scenario[] {
  const unknown = objectOf(subject, {
    metadata: { nope: 1 },
    [subject.main === 'data' ? 'more' : subject.main]: { ...subject.one, nope: { x: 1 } },
    extra: [1],
  });
  return [
    scenario(
      'create: fields that the kind does not have',
      ...levels.map((level, i) =>
        create(`${subject.collection}?fieldValidation=${level}`, { ...unknown, metadata: { name: `{id}-${String(i)}`, nope: 1 } }),
      ),
    ),
  ];
}

/** The JSON of an object in which two fields stand twice. */
export function withDuplicates(subject: Subject, object: object): string {
  const [field = '', value] = Object.entries(subject.one)[0] ?? [];
  return JSON.stringify(object)
    .replace('"metadata":{', '"metadata":{"name":"first",')
    .replace(`"${subject.main}":{`, `"${subject.main}":{"${field}":${JSON.stringify(value)},`);
}

function duplicateFields(subject: Subject): Scenario[] {
  return [
    scenario(
      'create: fields that stand twice',
      ...levels.map((level, i) =>
        create(
          `${subject.collection}?fieldValidation=${level}`,
          withDuplicates(subject, objectOf(subject, { metadata: { name: `{id}-${String(i)}` } })),
        ),
      ),
    ),
  ];
}

function bodies(subject: Subject): Scenario[] {
  const { collection, apiVersion, kind } = subject;
  const object = objectOf(subject);
  const yaml = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: "{id}"\n`;
  const typed = (type: string) => ({ headers: { 'content-type': type } });
  return [
    scenario('create: a body in YAML', create(collection, yaml, typed('application/yaml'))),
    scenario(
      'create: bodies that are no objects',
      create(collection, ''),
      create(collection, '{"apiVersion": '),
      create(collection, '[]'),
      create(collection, 'null'),
      create(collection, '"text"'),
      create(collection, '{}'),
    ),
    scenario(
      'create: of another kind',
      create(collection, { ...object, kind: 'Other' }),
      create(collection, { ...object, kind: undefined }),
      create(collection, { ...object, apiVersion: 'v9' }),
      create(collection, { ...object, apiVersion: undefined }),
      reasonOf(create(collection, { ...object, apiVersion: 'apps/v1', kind: 'Deployment' })),
    ),
    scenario(
      'create: media types',
      create(collection, object, typed('text/plain')),
      create(collection, object, typed('application/json; charset=utf-8')),
      create(collection, object, { headers: { accept: 'application/xml' } }),
      create(collection, object, {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', 'content-type': 'application/json' },
      }),
    ),
  ];
}
