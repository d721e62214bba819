import { compact, create, ending, events, get, patch, quietly, remove, scenario, watch } from '../scenario.ts';
import type { RequestStep, Scenario, Step } from '../scenario.ts';
import { as, fresh, meagre } from './collections.ts';
import type { Subject } from './subjects.ts';

const gist = ['/type', '/object/metadata', '/object/kind', '/object/message', '/object/reason', '/object/code'];
type Named = (name: string, ...steps: readonly Step[]) => Scenario;

const matches = 'resourceVersionMatch=NotOlderThan';

/** A watch that begins with what there is, and says where that ends. */
export function initialScenarios(subject: Subject): Scenario[] {
  const { collection } = subject;
  const named: Named = (name, ...steps) => scenario(`${subject.name}: ${name}`, ...steps);
  const made = (name: string, labels: object = {}): RequestStep =>
    quietly(create(collection, meagre(subject, name, labels), { capture: { [name]: '/metadata/resourceVersion' } }));
  const there = [made('a', { app: 'web' }), made('b'), fresh(subject)];
  const later = [quietly(patch('merge', `${collection}/a`, { metadata: { labels: { app: 'db' } } })), quietly(remove(`${collection}/b`))];
  const started = (query: string, count: number, after = 2): Step[] => [
    watch('it', `${collection}?${query}`),
    events('it', count, [
      '/type',
      '/object/metadata/name',
      '/object/metadata/resourceVersion',
      '/object/metadata/annotations',
      '/object/kind',
    ]),
    ...later,
    events('it', after, ['/type', '/object/metadata/name']),
  ];
  return [
    ...['', '0', '{a}', '{b}'].map((version) =>
      named(
        `initial events, from ${version || 'no version'}`,
        ...there,
        ...started(`sendInitialEvents=true&allowWatchBookmarks=true&${matches}&resourceVersion=${version}`, 3),
      ),
    ),
    named('initial events without bookmarks', ...there, ...started(`sendInitialEvents=true&${matches}`, 2)),
    ...['', '0', '{a}'].map((version) =>
      named(
        `no initial events, from ${version || 'no version'}`,
        ...there,
        ...started(`sendInitialEvents=false&allowWatchBookmarks=true&${matches}&resourceVersion=${version}`, 0),
      ),
    ),
    named(
      'initial events of a selection',
      ...there,
      ...started(`sendInitialEvents=true&allowWatchBookmarks=true&${matches}&labelSelector=app%3Dweb`, 2, 1),
    ),
    named(
      'initial events of nothing',
      watch('it', `${collection}?sendInitialEvents=true&allowWatchBookmarks=true&${matches}`),
      events('it', 1),
    ),
    ...(['Table', 'PartialObjectMetadata'] as const).map((kind) =>
      named(
        `initial events as ${kind}`,
        made('a'),
        watch('it', `${collection}?sendInitialEvents=true&allowWatchBookmarks=true&${matches}`, as(kind).headers),
        events('it', 2),
      ),
    ),
    named(
      'initial events, newer than there are',
      made('a'),
      watch('it', `${collection}?timeoutSeconds=20&sendInitialEvents=true&allowWatchBookmarks=true&${matches}&resourceVersion=999999999`),
      ending('it', 1),
    ),
    ...(subject.custom ? [forgotten(subject, named, made('a'))] : []),
    ...combinations(subject, named),
  ];
}

/**
 * Of custom kinds only: a real server's watch cache begins with the kind, long after version 1. That of a built-in kind begins with the
 * server, on some days at version 1 itself, which it then has not forgotten.
 */
function forgotten({ collection }: Subject, named: Named, made: Step): Scenario {
  const options = `allowWatchBookmarks=true&${matches}&resourceVersion=1`;
  return named(
    'initial events, from what is forgotten',
    made,
    compact,
    watch('it', `${collection}?sendInitialEvents=true&${options}`),
    events('it', 2, gist),
    watch('old', `${collection}?sendInitialEvents=false&${options}`),
    ending('old', 1, gist),
  );
}

/** Options that need each other. How they are read does not depend on the kind. */
function combinations({ collection, custom }: Subject, named: Named): Scenario[] {
  if (!custom) return [];
  const wrong = [
    'sendInitialEvents=true',
    'sendInitialEvents=false',
    'sendInitialEvents=',
    'sendInitialEvents=yes',
    'sendInitialEvents=true&resourceVersionMatch=Exact',
    'sendInitialEvents=true&resourceVersionMatch=Nope',
    matches,
    'resourceVersionMatch=Exact',
    'resourceVersionMatch=Nope',
    `sendInitialEvents=true&${matches}&continue=x`,
    `sendInitialEvents=true&${matches}&resourceVersion=x`,
    `${matches}&continue=x`,
  ];
  return [
    named(
      'options that need each other',
      // What a server takes ends by itself.
      ...wrong.map((query) => get(`${collection}?watch=true&timeoutSeconds=1&${query}`, { show: ['/message', '/reason', '/details'] })),
    ),
    named(
      'options of watches for a list',
      ...[
        'sendInitialEvents=true',
        `sendInitialEvents=true&${matches}&resourceVersion=0`,
        'sendInitialEvents=false',
        'allowWatchBookmarks=true',
        'timeoutSeconds=5',
        'timeoutSeconds=x',
      ].map((query) => get(`${collection}?${query}`, { show: ['/kind', '/message', '/reason', '/details'] })),
    ),
  ];
}
