import { compact, create, get, patch, quietly, remove, scenario } from '../scenario.ts';
import type { Group, RequestStep, Scenario, Step } from '../scenario.ts';
import { as, fresh, meagre, two } from './collections.ts';
import { listFieldScenarios } from './list-fields.ts';
import type { Subject } from './subjects.ts';

function listScenarios(subject: Subject): Scenario[] {
  const named = (name: string, ...steps: readonly Step[]): Scenario => scenario(`${subject.name}: ${name}`, ...steps);
  return [...versions(subject, named), ...pages(subject, named), ...pastPages(subject, named), ...labels(subject, named)];
}

type Named = (name: string, ...steps: readonly Step[]) => Scenario;

const names = ['a', 'b', 'c', 'd', 'e'] as const;
const letters = { a: 'x', b: 'x', c: 'y', d: 'y', e: '' };

/** Five objects, whose label `letter` is x, x, y, y and empty. */
function five(subject: Subject): RequestStep[] {
  return names.map((name) =>
    quietly(
      create(subject.collection, meagre(subject, `{id}-${name}`, { letter: letters[name] }), {
        capture: { rv: '/metadata/resourceVersion' },
      }),
    ),
  );
}

/** What is compared of a list: which objects are in it, in which order, and what it says of itself. */
const contents = ['/metadata', ...[0, 1, 2, 3, 4, 5].map((i) => `/items/${String(i)}/metadata/name`)];
const errors = ['/message', '/reason', '/details'];
const both = [...contents, ...errors];

function versions(subject: Subject, named: Named): Scenario[] {
  const [first = '', second = ''] = ['a', 'b'].map((name) => `{id}-${name}`);
  const made = [
    quietly(create(subject.collection, meagre(subject, first), { capture: { old: '/metadata/resourceVersion' } })),
    quietly(create(subject.collection, meagre(subject, second), { capture: { rv: '/metadata/resourceVersion' } })),
    quietly(remove(`${subject.collection}/${first}`)),
    fresh(subject),
  ];
  const asked = ['', '0', '{old}', '{rv}', '999999999', 'x', '-1'];
  const at = (query: string): RequestStep => get(`${subject.collection}?${query}`, { show: both });
  return ['', 'Exact', 'NotOlderThan', 'Nope'].map((match) =>
    named(
      `versions, match ${match || 'unset'}`,
      ...made,
      ...asked.map((version) => at(`resourceVersion=${version}${match === '' ? '' : `&resourceVersionMatch=${match}`}`)),
      at(`resourceVersion={old}&limit=1${match === '' ? '' : `&resourceVersionMatch=${match}`}`),
    ),
  );
}

function pages(subject: Subject, named: Named): Scenario[] {
  const at = (query: string, more: Partial<RequestStep> = {}): RequestStep =>
    get(`${subject.collection}?${query}`, { show: both, ...more });
  const next = { capture: { next: '/metadata/continue' } };
  return [
    named('pages, to the end', ...five(subject), at('limit=2', next), at('limit=2&continue={next}', next), at('limit=2&continue={next}')),
    named(
      'pages, of other sizes',
      ...five(subject),
      ...['0', '-1', '5', '6', 'x', '2.5'].map((limit) => at(`limit=${limit}`)),
      at('limit=1', next),
      at('limit=9&continue={next}'),
      at('continue={next}'),
    ),
    named(
      'pages, of a selection',
      ...five(subject),
      at('limit=1&labelSelector=letter%3Dy', next),
      at('limit=1&labelSelector=letter%3Dy&continue={next}'),
      at('limit=2&labelSelector=letter%3Dy'),
      at('limit=1&fieldSelector=metadata.name%3D{id}-c'),
      at('limit=1&fieldSelector=metadata.name!%3D{id}-a', next),
      at('limit=9&fieldSelector=metadata.name!%3D{id}-a&continue={next}'),
    ),
    named(
      'pages, of one state whatever happens between',
      ...five(subject),
      at('limit=2', next),
      quietly(remove(`${subject.collection}/{id}-d`)),
      quietly(create(subject.collection, meagre(subject, '{id}-f'))),
      quietly(patch('merge', `${subject.collection}/{id}-c`, { metadata: { labels: { letter: 'z' } } })),
      get(`${subject.collection}?continue={next}`, {
        show: [...contents, '/items/0/metadata/labels', '/items/0/metadata/resourceVersion'],
      }),
    ),
    named(
      'pages, with versions',
      ...five(subject),
      fresh(subject),
      ...['0', '{rv}'].map((version) => at(`limit=2&resourceVersion=${version}`)),
      at('limit=2&resourceVersion=0&resourceVersionMatch=NotOlderThan'),
      at('limit=2&resourceVersion={rv}&resourceVersionMatch=NotOlderThan'),
      at('limit=2&resourceVersion={rv}&resourceVersionMatch=Exact', next),
      at('limit=2&continue={next}'),
    ),
    named(
      'pages, whose going on does not fit',
      ...five(subject),
      at('limit=2', next),
      at('limit=2&continue={next}&resourceVersion=0'),
      at('limit=2&continue={next}&resourceVersion={rv}'),
      at('limit=2&continue={next}&resourceVersion={rv}&resourceVersionMatch=Exact'),
      at('limit=2&continue={next}&resourceVersionMatch=NotOlderThan'),
      at('limit=2&continue=nonsense', { show: ['/reason', '/code'] }),
      at('limit=2&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjkiLCJydiI6NSwic3RhcnQiOiJhIn0'),
      at('continue={next}&labelSelector=letter%3Dx'),
    ),
    named(
      'pages, as tables and as metadata',
      ...five(subject),
      at('limit=2', { ...as('Table'), ...next, show: 'all' }),
      at('limit=2&continue={next}', { ...as('Table'), show: ['/metadata', '/rows/0/cells/0', '/rows/1/cells/0', '/rows/2'] }),
      at('limit=4', { ...as('PartialObjectMetadataList'), ...next }),
      at('limit=4&continue={next}', as('PartialObjectMetadataList')),
    ),
  ];
}

/** Lists of a state that the server has forgotten, and of what is left of one. */
function pastPages(subject: Subject, named: Named): Scenario[] {
  const at = (query: string, more: Partial<RequestStep> = {}): RequestStep =>
    get(`${subject.collection}?${query}`, { show: both, ...more });
  const next = { capture: { next: '/metadata/continue' } };
  return [
    named(
      'forgotten: a version, and the state of a first page, whose rest is inconsistent',
      ...five(subject),
      at('limit=2', next),
      quietly(remove(`${subject.collection}/{id}-c`)),
      quietly(create(subject.collection, meagre(subject, '{id}-bb'))),
      compact,
      // A real server looks now and then, for each kind by itself, whether it is forgotten.
      at('resourceVersion={rv}&resourceVersionMatch=Exact', { until: { status: 410 } }),
      at('resourceVersion={rv}&resourceVersionMatch=Exact&limit=1'),
      at('resourceVersion={rv}&resourceVersionMatch=NotOlderThan'),
      at('resourceVersion={rv}'),
      at('resourceVersion={rv}&limit=1'),
      at('resourceVersion=1&resourceVersionMatch=Exact'),
      at('limit=2&continue={next}', next),
      at('limit=2&continue={next}', next),
      at('limit=2&continue={next}'),
    ),
  ];
}

const good = [
  'letter',
  '!letter',
  'letter=x',
  'letter==x',
  'letter!=x',
  'letter=',
  'letter in (x,y)',
  'letter notin (x)',
  'letter in ()',
  ' letter = x , app ',
  'n>1',
  'n<2',
  'n>x',
];
const bad = [
  'letter in x',
  'letter in (x',
  'letter=x,',
  ',letter',
  '=x',
  'a b',
  'letter=a b',
  'letter=/',
  '-a=x',
  'a/b/c=x',
  'letter>x',
  'letter=!x',
  '!',
  '(a)',
  `${'l'.repeat(64)}=x`,
  `letter=${'v'.repeat(64)}`,
];

function labels(subject: Subject, named: Named): Scenario[] {
  const selected = (selector: string): RequestStep =>
    get(`${subject.collection}?labelSelector=${encodeURIComponent(selector)}`, { show: both });
  const numbered = [1, 2].map((n) =>
    quietly(create(subject.collection, meagre(subject, `{id}-${String(n)}`, { n: String(n), app: 'web' }))),
  );
  const selectors = named('labels: selectors', ...five(subject), ...numbered, ...good.map(selected));
  // How a selector is read does not depend on the kind.
  return subject.custom ? [selectors, named('labels: selectors that cannot be read', ...bad.map(selected))] : [selectors];
}

/** What a list is of: every version, page, selector and form. */
export const listGroup: Group = {
  name: 'list',
  scenarios: [...two().flatMap((subject) => listScenarios(subject)), ...listFieldScenarios()],
};
