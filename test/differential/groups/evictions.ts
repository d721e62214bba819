import { create, events, get, patch, quietly, remove, scenario, watch } from '../scenario.ts';
import type { RequestStep, Scenario } from '../scenario.ts';
import { options } from './deletions.ts';
import { inPhase, madePod, podCollection, podPath } from './pods.ts';

const guard = 'hypersphere.io/guard';
const conditions = [
  '/metadata/resourceVersion',
  '/metadata/generation',
  '/metadata/deletionTimestamp',
  '/metadata/deletionGracePeriodSeconds',
  '/metadata/finalizers',
  '/metadata/managedFields',
  '/status/conditions',
  '/status/phase',
  '/reason',
];

/** A Pod is asked to go; with the guard's finalizer it stays until its host is empty. */
export function evictions(): Scenario[] {
  const eviction = (more: object = {}): object => ({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' }, ...more });
  const evict = (more: object = {}, query = ''): RequestStep => create(`${podPath}/eviction${query}`, eviction(more));
  const left = get(podPath, { show: conditions });
  const guarded = { nodeName: 'nowhere', metadata: { finalizers: [guard] } };
  return [
    scenario('eviction: a guarded Pod, twice', ...madePod(guarded), evict(), left, evict(), left),
    scenario(
      'eviction: a guarded Pod, to its end',
      ...madePod(guarded),
      inPhase('Running'),
      watch('it', `${podCollection}?resourceVersion={rv}`),
      quietly(evict()),
      quietly(remove(podPath, options({ gracePeriodSeconds: 0 }))),
      left,
      quietly(patch('merge', podPath, { metadata: { finalizers: null } })),
      left,
      events('it', 5, ['/type', ...conditions.map((pointer) => `/object${pointer}`)]),
    ),
    scenario('eviction: a Pod on a node', ...madePod({ nodeName: 'nowhere' }), evict(), left),
    scenario('eviction: a Pod on no node', ...madePod(), evict(), left),
    ...['Succeeded', 'Failed', 'Running', 'Pending'].map((phase) =>
      scenario(`eviction: a Pod that is ${phase}`, ...madePod(guarded), inPhase(phase), evict(), left),
    ),
    scenario('eviction: of a Pod that is being deleted', ...madePod(guarded), quietly(remove(podPath)), evict(), left),
    scenario(
      'eviction: with options of deletions',
      ...madePod(guarded),
      evict({ deleteOptions: { dryRun: ['All'] } }),
      evict({}, '?dryRun=All'),
      left,
      evict({ deleteOptions: { preconditions: { uid: 'u' } } }),
      evict({ deleteOptions: { preconditions: { resourceVersion: '1' } } }),
      left,
      evict({ deleteOptions: { gracePeriodSeconds: 5, preconditions: { uid: '{uid}' } } }),
      left,
    ),
    scenario(
      'eviction: with the version of the Pod',
      ...madePod(guarded),
      evict({ deleteOptions: { preconditions: { resourceVersion: '{rv}' } } }),
      left,
    ),
    scenario('eviction: at once', ...madePod(guarded), evict({ deleteOptions: { gracePeriodSeconds: 0 } }), left),
    scenario(
      'eviction: at once, of a Pod that nobody guards',
      ...madePod({ nodeName: 'nowhere' }),
      evict({ deleteOptions: { gracePeriodSeconds: 0 } }),
      left,
    ),
    scenario(
      'eviction: requests that do not fit',
      ...madePod(guarded),
      evict({ metadata: { name: 'b' } }),
      evict({ metadata: {} }),
      evict({ apiVersion: 'policy/v1beta1' }),
      evict({ kind: 'Other' }),
      evict({ deleteOptions: { propagationPolicy: 'Sideways' } }),
      create(`${podPath}/eviction`, ''),
      get(`${podPath}/eviction`),
      remove(`${podPath}/eviction`),
      create(`${podCollection}/none/eviction`, eviction({ metadata: { name: 'none' } })),
      evict({}, '?fieldValidation=Strict&dryRun=All'),
      evict({ nope: 1 }, '?fieldValidation=Strict&dryRun=All'),
    ),
  ];
}
