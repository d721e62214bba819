import { events, get, patch, quietly, remove, scenario, watch } from '../scenario.ts';
import type { RequestStep, Scenario } from '../scenario.ts';
import { fate, options } from './deletions.ts';
import { inPhase, madePod, podCollection, podPath } from './pods.ts';

const guard = 'x.example/guard';
const given = (seconds: number | undefined): object | undefined =>
  seconds === undefined ? undefined : options({ gracePeriodSeconds: seconds });

/** How long a Pod is given to end. */
export function podEndings(): Scenario[] {
  const shown = (): string[] => [...fate, '/spec/terminationGracePeriodSeconds', '/metadata/uid'];
  const deleted = (seconds?: number): RequestStep => remove(podPath, given(seconds), { show: shown() });
  const left = (): RequestStep => get(podPath, { show: shown() });
  return [
    ...[undefined, 0, 1, 60, -1].map((seconds) =>
      scenario(
        `pod on a node: ${seconds === undefined ? 'no' : String(seconds)} seconds of grace`,
        ...madePod({ nodeName: 'nowhere' }),
        deleted(seconds),
        left(),
      ),
    ),
    ...[0, 7].map((seconds) =>
      scenario(
        `pod on a node: ${String(seconds)} seconds by its own spec`,
        ...madePod({ nodeName: 'nowhere', terminationGracePeriodSeconds: seconds }),
        deleted(),
        left(),
        deleted(60),
        deleted(3),
        left(),
      ),
    ),
    scenario(
      'pod on a node: shorter, longer, and at once',
      ...madePod({ nodeName: 'nowhere' }),
      ...[30, 60, 20, 20, undefined, 5, 0].map(deleted),
      left(),
    ),
    scenario('pod on no node: it goes at once', ...madePod(), deleted(60), left()),
    scenario(
      'pod on no node: with a finalizer',
      ...madePod({ metadata: { finalizers: [guard] } }),
      deleted(60),
      left(),
      deleted(),
      deleted(0),
    ),
    ...['Succeeded', 'Failed', 'Running'].map((phase) =>
      scenario(`pod on a node: ${phase}`, ...madePod({ nodeName: 'nowhere' }), inPhase(phase), deleted(), left()),
    ),
    scenario(
      'pod on a node: with a finalizer, which goes first',
      ...madePod({ nodeName: 'nowhere', metadata: { finalizers: [guard] } }),
      deleted(30),
      patch('merge', podPath, { metadata: { finalizers: null } }, { show: shown() }),
      deleted(0),
      left(),
    ),
    scenario(
      'pod on a node: with a finalizer, which goes last',
      ...madePod({ nodeName: 'nowhere', metadata: { finalizers: [guard] } }),
      deleted(30),
      deleted(0),
      left(),
      patch('merge', podPath, { metadata: { finalizers: null } }, { show: shown() }),
      left(),
    ),
    scenario(
      'pod on a node: policies and preconditions',
      ...madePod({ nodeName: 'nowhere' }),
      remove(podPath, options({ propagationPolicy: 'Foreground', dryRun: ['All'] }), { show: shown() }),
      remove(podPath, options({ propagationPolicy: 'Orphan', gracePeriodSeconds: 5 }), { show: shown() }),
      remove(podPath, options({ preconditions: { uid: 'u' } }), { show: shown() }),
      remove(podPath, options({ gracePeriodSeconds: 0, preconditions: { uid: '{uid}' } }), { show: shown() }),
      left(),
    ),
    scenario(
      'pod on a node: a collection of them',
      ...madePod({ nodeName: 'nowhere' }),
      remove(podCollection, undefined, {
        show: ['/kind', '/items/0/metadata/deletionTimestamp', '/items/0/metadata/deletionGracePeriodSeconds'],
      }),
      left(),
      remove(podCollection, given(0), {
        show: ['/kind', '/items/0/metadata/deletionTimestamp', '/items/0/metadata/deletionGracePeriodSeconds'],
      }),
      left(),
    ),
    scenario(
      'pod on a node: as a watch sees it',
      ...madePod({ nodeName: 'nowhere' }),
      watch('it', `${podCollection}?resourceVersion={rv}`),
      quietly(deleted(30)),
      quietly(deleted(0)),
      events(
        'it',
        2,
        ['/type', ...fate.map((pointer) => `/object${pointer}`)].filter((pointer) => pointer !== '/object/status'),
      ),
    ),
  ];
}
