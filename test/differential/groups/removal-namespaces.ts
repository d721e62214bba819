import { create, get, patch, quietly, remove, scenario, update } from '../scenario.ts';
import type { RequestStep, Scenario } from '../scenario.ts';
import { options } from './deletions.ts';
import { made, left, stay, unheld } from './owners.ts';
import type { Subject } from './subjects.ts';

const path = '/api/v1/namespaces/{id}';
const shown = [
  '/kind',
  '/metadata/deletionTimestamp',
  '/metadata/deletionGracePeriodSeconds',
  '/metadata/finalizers',
  '/metadata/generation',
  '/spec',
  '/status/phase',
  '/message',
  '/reason',
  '/details',
];

/** How a namespace ends, and what is in it. */
export function namespaceScenarios(subject: Subject): Scenario[] {
  const ended = (more: object = {}): RequestStep =>
    remove(path, Object.keys(more).length === 0 ? undefined : options(more), { show: shown });
  const isGone = get(path, { until: { status: 404 }, show: shown });
  const widget = { apiVersion: 'suite.example.com/v1', kind: 'Widget', metadata: { name: 'w', finalizers: [stay] } };
  const widgets = '/apis/suite.example.com/v1/namespaces/{id}/widgets';
  /** The conditions, without their times and the number of tries. */
  const says = (remaining: string): RequestStep =>
    get(path, {
      until: { at: '/status/conditions/3/status', is: remaining },
      show: [0, 1, 2, 3, 4]
        .flatMap((i) => ['type', 'status', 'reason', 'message'].map((field) => `/status/conditions/${String(i)}/${field}`))
        .concat('/status/phase'),
    });
  return [
    scenario('namespace: empty', ended(), isGone),
    scenario(
      'namespace: with content',
      made(subject, 'a'),
      made(subject, 'b', { owners: [{ of: 'a', block: true }] }),
      ended(),
      isGone,
      left(subject, 'a'),
    ),
    ...(['Foreground', 'Orphan', 'Background'] as const).map((propagationPolicy) =>
      scenario(
        `namespace: with content, ${propagationPolicy}`,
        made(subject, 'a'),
        ended({ propagationPolicy }),
        isGone,
        left(subject, 'a'),
      ),
    ),
    scenario(
      'namespace: with content that is held',
      made(subject, 'a', { finalizers: [stay] }),
      quietly(create(widgets, widget)),
      ended(),
      says('True'),
      left(subject, 'a'),
      unheld(subject, 'a'),
      quietly(patch('merge', `${widgets}/w`, { metadata: { finalizers: null } })),
      isGone,
    ),
    scenario(
      'namespace: nothing is made where all is going',
      made(subject, 'a', { finalizers: [stay] }),
      ended(),
      create(subject.collection, { apiVersion: subject.apiVersion, kind: subject.kind, metadata: { name: 'late' } }),
      create(widgets, { ...widget, metadata: { name: 'late' } }),
      create(
        subject.collection,
        { apiVersion: subject.apiVersion, kind: subject.kind, metadata: { generateName: 'late-' } },
        { show: ['/reason', '/code', '/details/causes'] },
      ),
      patch('apply', `${widgets}/late?fieldManager=me`, { ...widget, metadata: { name: 'late' } }),
      left(subject, 'a', { at: '/metadata/deletionGracePeriodSeconds', is: 0 }),
      unheld(subject, 'a'),
      isGone,
    ),
    scenario(
      'namespace: twice, and with a finalizer of its own',
      quietly(patch('merge', path, { metadata: { finalizers: [stay] } })),
      ended(),
      get(path, { until: { at: '/spec', is: {} }, show: shown }),
      ended(),
      quietly(patch('merge', path, { metadata: { finalizers: null } })),
      isGone,
    ),
    scenario(
      'namespace: preconditions and dry run',
      ended({ preconditions: { uid: 'u' } }),
      ended({ dryRun: ['All'] }),
      get(path, { show: shown }),
      ended({ gracePeriodSeconds: 60 }),
      isGone,
    ),
    scenario(
      'namespace: a finalizer of its spec',
      get(path, { show: shown, capture: { rv: '/metadata/resourceVersion' } }),
      update(
        `${path}/finalize`,
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}' }, spec: { finalizers: ['kubernetes', stay] } },
        { show: shown },
      ),
      update(path, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}' }, spec: { finalizers: [] } }, { show: shown }),
      ended(),
      get(path, { until: { at: '/spec/finalizers', is: [stay] }, show: shown }),
      update(
        `${path}/finalize`,
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}' }, spec: { finalizers: [] } },
        { show: shown },
      ),
      isGone,
    ),
    scenario(
      'namespace: those that stay',
      ...['default', 'kube-system', 'kube-public'].map((name) => remove(`/api/v1/namespaces/${name}`)),
      remove('/api/v1/namespaces'),
    ),
    scenario(
      'namespace: made again',
      ended(),
      isGone,
      create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}' } }, { show: shown }),
    ),
  ];
}
