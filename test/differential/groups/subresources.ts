import { apply, get, patch, reasonOf, scenario, update } from '../scenario.ts';
import type { RequestStep, Scenario } from '../scenario.ts';
import { objectOf, pathOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { made } from './update.ts';

export function subresourceScenarios(subject: Subject): Scenario[] {
  return [
    ...(subject.status === undefined ? withoutStatus(subject) : statusScenarios(subject, subject.status)),
    ...(subject.scale === true ? scaleScenarios(subject) : withoutScale(subject)),
  ];
}

function withoutStatus(subject: Subject): Scenario[] {
  const path = `${pathOf(subject)}/status`;
  return [
    scenario(
      'status: of a kind without',
      made(subject),
      get(path),
      update(path, objectOf(subject, { metadata: { resourceVersion: '{rv}' } })),
      patch('merge', path, { status: { phase: 'x' } }),
      apply('me', path, objectOf(subject)),
    ),
  ];
}

function withoutScale(subject: Subject): Scenario[] {
  const path = `${pathOf(subject)}/scale`;
  return [scenario('scale: of a kind without', made(subject), get(path), patch('merge', path, { spec: { replicas: 2 } }))];
}

function statusScenarios(subject: Subject, { one, other }: NonNullable<Subject['status']>): Scenario[] {
  const path = `${pathOf(subject)}/status`;
  const { main } = subject;
  const now = { resourceVersion: '{rv}' };
  const put = (more: Parameters<typeof objectOf>[1], query = ''): RequestStep => update(`${path}${query}`, objectOf(subject, more));
  return [
    scenario('status: get', made(subject), get(path), get(path, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })),
    scenario('status: update', made(subject), put({ metadata: now, status: one }), get(pathOf(subject))),
    scenario(
      'status: update changes nothing else',
      made(subject),
      put({
        metadata: { ...now, labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['x.example/a'] },
        [main]: subject.other,
        status: one,
      }),
    ),
    scenario(
      'status: update, old and wrong',
      made(subject),
      put({ metadata: { resourceVersion: '1' }, status: one }),
      put({ metadata: { ...now, uid: 'u' }, status: one }),
      put({ status: one }),
      put({ metadata: { ...now, name: 'other' }, status: one }),
    ),
    scenario(
      'status: update, dry run and nothing',
      made(subject),
      put({ metadata: now, status: one }, '?dryRun=All'),
      put({ metadata: now }),
      get(path),
    ),
    scenario('status: update of what is not there', put({ metadata: { resourceVersion: '7' }, status: one }), put({ status: one })),
    scenario(
      'status: fields that there are not',
      made(subject),
      ...['Strict', 'Warn', 'Ignore', ''].map((level) =>
        put({ metadata: now, status: { ...one, nope: 1 } }, `?dryRun=All&fieldValidation=${level}`),
      ),
    ),
    scenario(
      'status: not valid',
      made(subject),
      ...[{ conditions: 'x' }, 'text'].map((status) => {
        const step = put({ metadata: now, status });
        return subject.custom ? step : reasonOf(step);
      }),
    ),
    scenario(
      'status: merge patch',
      made(subject),
      patch('merge', path, { status: one }),
      patch('merge', path, { status: one }),
      patch('merge', path, { status: other, [main]: subject.other, metadata: { labels: { a: 'b' } } }),
      patch('merge', path, { status: null }),
    ),
    scenario(
      'status: merge patch, old, dry and with fields that there are not',
      made(subject),
      patch('merge', path, { metadata: { resourceVersion: '1' }, status: one }),
      patch('merge', `${path}?dryRun=All`, { status: one }),
      patch('merge', `${path}?fieldValidation=Strict`, { status: { nope: 1 } }),
    ),
    scenario(
      'status: JSON patch',
      made(subject),
      patch('json', path, [{ op: 'add', path: '/status', value: one }]),
      patch('json', path, [{ op: 'test', path: '/status/phase', value: 'nope' }]),
    ),
    scenario(
      'status: strategic patch',
      made(subject),
      patch('strategic', path, { status: one }),
      patch('strategic', path, { status: other }),
    ),
    scenario(
      'status: apply',
      made(subject),
      apply('me', path, { ...objectOf(subject), status: one }),
      apply('me', path, { ...objectOf(subject, { [main]: subject.other }), status: other }),
      apply('you', path, { ...objectOf(subject), [main]: undefined, status: one }),
      get(pathOf(subject)),
    ),
    scenario('status: other methods', made(subject), { request: `DELETE ${path}` }, { request: `POST ${path}`, body: objectOf(subject) }),
  ];
}

function scaleScenarios(subject: Subject): Scenario[] {
  const path = `${pathOf(subject)}/scale`;
  const scale = (replicas: unknown, metadata: object = {}) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: '{id}', namespace: '{id}', ...metadata },
    spec: { replicas },
  });
  return [
    scenario('scale: get', made(subject), get(path), get(path, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })),
    scenario(
      'scale: get after status',
      made(subject),
      patch('merge', `${pathOf(subject)}/status`, { status: { replicas: 3, selector: 'a=b' } }, { show: 'status' }),
      get(path),
    ),
    scenario(
      'scale: update',
      made(subject),
      update(path, scale(4, { resourceVersion: '{rv}' })),
      get(pathOf(subject)),
      update(path, scale(4, { resourceVersion: '{rv}' })),
      update(path, scale(5)),
    ),
    scenario(
      'scale: update, dry run and nothing',
      made(subject),
      update(`${path}?dryRun=All`, scale(4)),
      update(path, scale(1)),
      get(pathOf(subject)),
    ),
    scenario(
      'scale: update to what there cannot be',
      made(subject),
      update(path, scale(-1)),
      update(path, scale('x')),
      update(path, scale(1.5)),
      update(path, scale(undefined)),
      update(path, { ...scale(1), kind: 'Other' }),
      update(path, { ...scale(1), metadata: { name: 'other' } }),
      update(path, { ...scale(1), metadata: {} }),
    ),
    scenario('scale: update of another uid', made(subject), update(path, scale(4, { uid: 'u' }))),
    scenario(
      'scale: patches',
      made(subject),
      patch('merge', path, { spec: { replicas: 3 } }),
      patch('merge', path, { spec: { replicas: 3 } }),
      patch('json', path, [{ op: 'replace', path: '/spec/replicas', value: 5 }]),
      patch('strategic', path, { spec: { replicas: 2 } }),
      patch('merge', path, { metadata: { resourceVersion: '1' }, spec: { replicas: 9 } }),
      get(pathOf(subject)),
    ),
    scenario(
      'scale: patches that do not fit',
      made(subject),
      patch('merge', path, { spec: { replicas: -1 } }),
      reasonOf(patch('merge', path, { spec: { replicas: 'x' } })),
      patch('merge', path, { spec: null }),
      patch('json', path, [{ op: 'test', path: '/spec/replicas', value: 9 }]),
      patch('merge', `${path}?fieldValidation=Strict`, { spec: { nope: 1 } }),
    ),
    scenario(
      'scale: apply',
      made(subject),
      apply('me', path, scale(6)),
      apply('you', path, scale(7)),
      apply('you', `${path}?force=true`, scale(7)),
      get(pathOf(subject)),
    ),
    scenario('scale: of what is not there', get(path), update(path, scale(1)), patch('merge', path, { spec: { replicas: 2 } })),
    scenario('scale: other methods', made(subject), { request: `DELETE ${path}` }, { request: `POST ${path}`, body: scale(1) }),
  ];
}
