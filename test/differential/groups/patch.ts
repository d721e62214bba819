import { get, patch, quietly, reasonOf, scenario } from '../scenario.ts';
import type { Scenario } from '../scenario.ts';
import { pathOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { captured, made } from './update.ts';

const levels = ['Strict', 'Warn', 'Ignore', ''] as const;

export function patchScenarios(subject: Subject): Scenario[] {
  return [...mergeLike(subject, 'merge'), ...mergeLike(subject, 'strategic'), ...jsonPatches(subject), ...odd(subject)];
}

function mergeLike(subject: Subject, type: 'merge' | 'strategic'): Scenario[] {
  const path = pathOf(subject);
  const { main, other } = subject;
  const to = (body: unknown, query = '') => patch(type, `${path}${query}`, body);
  const first = scenario(
    `${type} patch: a change, and nothing`,
    made(subject),
    to({ [main]: other }),
    to({ [main]: other }),
    to({}),
    get(path),
  );
  if (type === 'strategic' && subject.custom) return [first];
  return [
    first,
    scenario(`${type} patch: dry run`, made(subject), to({ [main]: other }, '?dryRun=All'), get(path)),
    scenario(
      `${type} patch: versions`,
      made(subject),
      to({ metadata: { resourceVersion: '1' }, [main]: other }),
      to({ metadata: { resourceVersion: '{rv}' }, [main]: other }),
      to({ metadata: { resourceVersion: '' } }),
    ),
    scenario(
      `${type} patch: uids`,
      made(subject),
      to({ metadata: { uid: 'u' } }),
      to({ metadata: { uid: '{uid}', labels: { a: 'b' } } }),
      to({ metadata: { uid: null } }),
    ),
    scenario(`${type} patch: what is not there`, to({ [main]: other })),
    scenario(
      `${type} patch: null takes away`,
      made(subject, { metadata: { labels: { a: 'b', c: 'd' } } }),
      to({ metadata: { labels: { a: null } }, [main]: null }),
      to({ metadata: { labels: null } }),
    ),
    scenario(
      `${type} patch: name and kind`,
      made(subject),
      to({ metadata: { name: 'other' } }),
      to({ metadata: { namespace: 'other' } }),
      to({ kind: 'Other' }),
      to({ apiVersion: 'v9' }),
      to({ metadata: null }),
      reasonOf(to({ kind: null })),
    ),
    scenario(
      `${type} patch: fields that the kind does not have`,
      made(subject),
      ...levels.map((level) => to({ metadata: { nope: 1 }, extra: [1] }, `?dryRun=All&fieldValidation=${level}`)),
    ),
    scenario(
      `${type} patch: fields that stand twice`,
      made(subject),
      ...levels.map((level) => to('{"metadata":{"labels":{"a":"b","a":"c"}}}', `?dryRun=All&fieldValidation=${level}`)),
    ),
    scenario(
      `${type} patch: bodies that are no patches`,
      made(subject),
      to(''),
      to('{"a":'),
      to('[]'),
      to('null'),
      to('"x"'),
      to([{ op: 'test' }]),
    ),
    ...(subject.invalid === undefined
      ? []
      : [
          scenario(
            `${type} patch: to what is not valid`,
            made(subject),
            to({ [main]: subject.invalid }),
            subject.custom ? to({ [main]: 'text' }) : reasonOf(to({ [main]: 'text' })),
            reasonOf(to({ metadata: { labels: { a: 7 } } })),
          ),
        ]),
    scenario(`${type} patch: with a status`, made(subject), to({ status: subject.status?.one ?? { phase: 'Running' } })),
    scenario(
      `${type} patch: what only the server writes`,
      made(subject),
      to({ metadata: { creationTimestamp: null, generation: 7 } }),
      to({ metadata: { deletionTimestamp: '2001-02-03T04:05:06Z' } }),
      to({ metadata: { creationTimestamp: '2001-02-03T04:05:06Z' } }),
    ),
    scenario(
      `${type} patch: by two managers`,
      made(subject),
      to({ [main]: other }, '?fieldManager=one'),
      to({ metadata: { labels: { x: 'y' } } }, '?fieldManager=two'),
      to({ metadata: { managedFields: [{}] } }, '?fieldManager=two'),
    ),
  ];
}

function jsonPatches(subject: Subject): Scenario[] {
  const path = pathOf(subject);
  const { main, other, one } = subject;
  const to = (body: unknown, query = '') => patch('json', `${path}${query}`, body);
  return [
    scenario(
      'JSON patch: a change, and nothing',
      made(subject),
      to([{ op: 'replace', path: `/${main}`, value: other }]),
      to([]),
      to([{ op: 'test', path: `/${main}`, value: other }]),
    ),
    scenario('JSON patch: dry run', made(subject), to([{ op: 'replace', path: `/${main}`, value: other }], '?dryRun=All'), get(path)),
    scenario(
      'JSON patch: what does not fit',
      made(subject),
      to([{ op: 'test', path: `/${main}`, value: 'nope' }]),
      to([{ op: 'remove', path: '/metadata/labels/a' }]),
      to([{ op: 'replace', path: '/nope/deeper', value: 1 }]),
      to([{ op: 'add', path: '/metadata/labels/a', value: 'b' }]),
      to([{ op: 'nope', path: '/a' }]),
      to([{ op: 'add', value: 1 }]),
      to([{ op: 'copy', from: '/nope', path: '/metadata/x' }]),
      to([{ op: 'test', path: '/metadata/labels', value: null }]),
    ),
    scenario(
      'JSON patch: versions',
      made(subject),
      to([{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]),
      to([{ op: 'replace', path: '/metadata/resourceVersion', value: '1' }]),
      to([
        { op: 'test', path: '/metadata/resourceVersion', value: '{rv}' },
        { op: 'replace', path: `/${main}`, value: one },
      ]),
    ),
    scenario('JSON patch: bodies that are no patches', made(subject), to(''), to('{}'), to('[1]'), to('null'), to('[{"op":')),
    scenario(
      'JSON patch: fields that the kind does not have',
      made(subject),
      ...levels.map((level) =>
        to(
          [
            { op: 'add', path: '/metadata/nope', value: 1 },
            { op: 'add', path: '/extra', value: [1] },
          ],
          `?dryRun=All&fieldValidation=${level}`,
        ),
      ),
    ),
    scenario(
      'JSON patch: add, move, copy, at the end of a list',
      made(subject, { metadata: { labels: { a: 'b' }, finalizers: ['x.example/a'] } }),
      to([
        { op: 'copy', from: '/metadata/labels/a', path: '/metadata/labels/c' },
        { op: 'move', from: '/metadata/labels/a', path: '/metadata/labels/d' },
        { op: 'add', path: '/metadata/finalizers/-', value: 'x.example/b' },
        { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'x' } },
        { op: 'replace', path: '/metadata/annotations/a~1b', value: 'y' },
      ]),
    ),
  ];
}

function odd(subject: Subject): Scenario[] {
  const path = pathOf(subject);
  const typed = (type: string) => ({ request: `PATCH ${path}`, body: '{}', headers: { 'content-type': type } });
  return [
    scenario(
      'patch: media types',
      made(subject),
      typed('application/json'),
      typed('text/plain'),
      typed(''),
      typed('application/merge-patch+json; charset=utf-8'),
      typed('application/apply-patch+cbor'),
    ),
    scenario(
      'patch: options that there are not',
      made(subject),
      patch('merge', `${path}?force=true`, {}),
      patch('merge', `${path}?dryRun=Some`, {}),
      patch('merge', `${path}?fieldValidation=Loose`, {}),
      patch('apply', path, {}),
    ),
    scenario('patch: as a table', made(subject), {
      ...patch('merge', path, { metadata: { labels: { a: 'b' } } }),
      headers: { 'content-type': 'application/merge-patch+json', accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    }),
    scenario(
      'patch: the last finalizer of what is being deleted',
      made(subject, { metadata: { finalizers: ['x.example/stay'] } }),
      quietly({ request: `DELETE ${path}`, capture: captured }),
      patch('merge', path, { metadata: { finalizers: ['x.example/stay', 'x.example/late'] } }),
      patch('merge', path, { metadata: { finalizers: null } }),
      get(path),
    ),
  ];
}
