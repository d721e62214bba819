import { create, get, patch, quietly, remove, scenario } from '../scenario.ts';
import type { Group, Scenario, Step } from '../scenario.ts';
import { options, policies } from './deletions.ts';
import type { Policy } from './deletions.ts';
import { graphScenarios } from './removal-graphs.ts';
import { namespaceScenarios } from './removal-namespaces.ts';
import { objectOf, subjects } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { at, deleted, gone, left, made, stay, unheld } from './owners.ts';

/** One owner, two dependents: by each policy, with and without what is in the way. */
function policyScenarios(subject: Subject): Scenario[] {
  const variants = [
    { name: 'plain', block: false, finalizers: [] },
    { name: 'blocking', block: true, finalizers: [] },
    { name: 'held', block: false, finalizers: [stay] },
    { name: 'blocking and held', block: true, finalizers: [stay] },
  ];
  const some = subject.custom ? variants.slice(3) : variants;
  return some.flatMap((variant) => policies.map((policy) => policyScenario(subject, policy, variant)));
}

interface Variant {
  readonly name: string;
  readonly block: boolean;
  readonly finalizers: readonly string[];
}

function policyScenario(subject: Subject, policy: Policy, { name, block, finalizers }: Variant): Scenario {
  const dependents = ['x', 'y'];
  const start = [
    made(subject, 'owner'),
    made(subject, 'x', { owners: [{ of: 'owner', block }], finalizers }),
    made(subject, 'y', { owners: [{ of: 'owner', block }] }),
  ];
  const effective = policy === '' ? 'Background' : policy;
  const waits = effective === 'Foreground' && block && finalizers.length > 0;
  return scenario(
    `${subject.name}: ${policy || 'no policy'}, dependents ${name}`,
    ...start,
    deleted(subject, 'owner', policy),
    ...(effective === 'Orphan'
      ? [
          gone(subject, 'owner'),
          ...dependents.map((dependent) => left(subject, dependent, { at: '/metadata/ownerReferences', is: undefined })),
        ]
      : [
          ...(waits ? [] : [gone(subject, 'owner')]),
          gone(subject, 'y'),
          ...(finalizers.length === 0
            ? [gone(subject, 'x')]
            : [
                left(subject, 'x', { at: '/metadata/deletionGracePeriodSeconds', is: 0 }),
                left(subject, 'owner'),
                unheld(subject, 'x'),
                gone(subject, 'x'),
              ]),
          gone(subject, 'owner'),
        ]),
  );
}

/** An owner with something of its own that holds it. */
function heldOwners(subject: Subject): Scenario[] {
  const start = [made(subject, 'owner', { finalizers: [stay] }), made(subject, 'x', { owners: [{ of: 'owner', block: true }] })];
  const end: Step[] = [unheld(subject, 'owner'), gone(subject, 'owner')];
  return [
    scenario('owner held: Background', ...start, deleted(subject, 'owner', 'Background'), left(subject, 'x'), ...end, gone(subject, 'x')),
    scenario(
      'owner held: Foreground',
      ...start,
      deleted(subject, 'owner', 'Foreground'),
      gone(subject, 'x'),
      left(subject, 'owner', { at: '/metadata/finalizers', is: [stay] }),
      ...end,
    ),
    scenario(
      'owner held: Orphan',
      ...start,
      deleted(subject, 'owner', 'Orphan'),
      left(subject, 'owner', { at: '/metadata/finalizers', is: [stay] }),
      left(subject, 'x'),
      ...end,
      left(subject, 'x'),
    ),
    scenario(
      'owner held: Background, then Foreground',
      ...start,
      deleted(subject, 'owner', 'Background'),
      deleted(subject, 'owner', 'Foreground'),
      gone(subject, 'x'),
      left(subject, 'owner', { at: '/metadata/finalizers', is: [stay] }),
      ...end,
    ),
    scenario(
      'dependents that come while their owner goes',
      ...start,
      made(subject, 'y', { owners: [{ of: 'owner', block: true }], finalizers: [stay] }),
      deleted(subject, 'owner', 'Foreground'),
      gone(subject, 'x'),
      made(subject, 'late', { owners: [{ of: 'owner', block: true }] }),
      unheld(subject, 'y'),
      gone(subject, 'y'),
      // When it goes is each collector's own matter.
      gone(subject, 'late'),
      ...end,
    ),
    scenario(
      'a dependent that no longer blocks lets its owner go',
      made(subject, 'owner'),
      made(subject, 'x', { owners: [{ of: 'owner', block: true }], finalizers: [stay] }),
      deleted(subject, 'owner', 'Foreground'),
      left(subject, 'x', { at: '/metadata/deletionGracePeriodSeconds', is: 0 }),
      quietly(patch('json', at(subject, 'x'), [{ op: 'replace', path: '/metadata/ownerReferences/0/blockOwnerDeletion', value: false }])),
      gone(subject, 'owner'),
      left(subject, 'x'),
    ),
  ];
}

/** Collections of owners, and owners of other kinds. */
function mixed(configMap: Subject, widget: Subject): Scenario[] {
  return [
    scenario(
      'a ConfigMap of a Widget',
      made(widget, 'owner'),
      made(configMap, 'x', { owners: [{ of: 'owner', kind: widget, block: true }] }),
      deleted(widget, 'owner', 'Foreground'),
      gone(widget, 'owner'),
      gone(configMap, 'x'),
    ),
    scenario(
      'a collection of owners',
      made(widget, 'one'),
      made(widget, 'two'),
      made(configMap, 'x', { owners: [{ of: 'one', kind: widget }] }),
      made(configMap, 'y', { owners: [{ of: 'two', kind: widget }] }),
      made(configMap, 'z', {
        owners: [
          { of: 'one', kind: widget },
          { of: 'two', kind: widget },
        ],
      }),
      quietly(remove(widget.collection, options({ propagationPolicy: 'Background' }))),
      ...['x', 'y', 'z'].map((name) => gone(configMap, name)),
    ),
    scenario(
      'an owner of the cluster',
      quietly(
        create(
          '/apis/hypersphere.io/v1alpha1/hostclusters',
          {
            apiVersion: 'hypersphere.io/v1alpha1',
            kind: 'HostCluster',
            metadata: { name: '{id}' },
            spec: { hostSelector: { matchLabels: { none: 'such' } } },
          },
          { capture: { cluster: '/metadata/uid' } },
        ),
      ),
      quietly(
        create(
          configMap.collection,
          objectOf(configMap, {
            metadata: {
              name: 'x',
              ownerReferences: [{ apiVersion: 'hypersphere.io/v1alpha1', kind: 'HostCluster', name: '{id}', uid: '{cluster}' }],
            },
          }),
        ),
      ),
      quietly(remove('/apis/hypersphere.io/v1alpha1/hostclusters/{id}')),
      gone(configMap, 'x'),
    ),
    scenario(
      'an object of the cluster that names an owner in a namespace',
      made(configMap, 'owner'),
      made(configMap, 'marker', { owners: [{ of: 'owner' }] }),
      quietly(
        create('/apis/hypersphere.io/v1alpha1/hostclusters', {
          apiVersion: 'hypersphere.io/v1alpha1',
          kind: 'HostCluster',
          metadata: { name: '{id}', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '{owner}' }] },
          spec: { hostSelector: { matchLabels: { none: 'such' } } },
        }),
      ),
      deleted(configMap, 'owner', 'Background'),
      gone(configMap, 'marker'),
      get('/apis/hypersphere.io/v1alpha1/hostclusters/{id}', { show: ['/metadata/deletionTimestamp', '/metadata/ownerReferences'] }),
      quietly(remove('/apis/hypersphere.io/v1alpha1/hostclusters/{id}')),
    ),
  ];
}

function all(): Scenario[] {
  const of = (name: string): Subject[] => subjects.filter((subject) => subject.name === name);
  return of('configmap').flatMap((configMap) =>
    of('widget').flatMap((widget) => [
      ...policyScenarios(configMap),
      ...heldOwners(configMap),
      ...graphScenarios(configMap),
      ...namespaceScenarios(configMap),
      ...policyScenarios(widget),
      ...mixed(configMap, widget),
    ]),
  );
}

/** Deletions with the controllers of a cluster at work: each scenario waits for how it ends. */
export const removalGroup: Group = { name: 'removal', controllers: true, scenarios: all() };
