import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import config, { islands, reserved, rooms } from '../../.dependency-cruiser.mjs';
import { cruise, type Cruise, type Violation } from '../../scripts/arrows/cruise.ts';
import { importsIn, sources, unseen } from '../../scripts/arrows/floor.ts';
import { root } from '../../scripts/tool.ts';
import { plant, type Planted, type Tree } from './plant.ts';

/** A planted file with one import, and the rule that must name it; undefined where the import is allowed. */
interface Plant {
  readonly file: string;
  readonly imports: string;
  readonly rule: string | undefined;
}

const names = Object.keys(rooms);
/** Not in the table. */
const attic = 'attic';

const arrowPlants: Plant[] = names.flatMap((room) =>
  [...names, attic]
    .filter((other) => other !== room)
    .map((other) => ({
      file: `src/${room}/to-${other}.ts`,
      imports: `../${other}/target.ts`,
      rule: rooms[room]?.includes(other) === true ? undefined : `arrows-of-${room}`,
    })),
);

const islandPlants: Plant[] = islands.flatMap((room) => [
  { file: `src/${room}/x/to-y.ts`, imports: '../y/target.ts', rule: `islands-of-${room}` },
  { file: `src/${room}/x/deep/to-y.ts`, imports: '../../y/target.ts', rule: `islands-of-${room}` },
  { file: `src/${room}/x/to-x.ts`, imports: './target.ts', rule: undefined },
]);

/** What each entry of the table is met as. */
const specifiers: Readonly<Record<string, readonly string[]>> = {
  'client-node': ['@kubernetes/client-node'],
  undici: ['undici'],
  sockets: ['node:net', 'node:tls', 'node:http', 'node:https', 'node:http2', 'node:dgram', 'node:dns', 'node:dns/promises', 'net'],
  files: ['node:fs', 'node:fs/promises', 'fs'],
  selfsigned: ['selfsigned'],
  pino: ['pino'],
  node: ['node:crypto', 'node:path', 'node:timers/promises', 'node:worker_threads', 'node:sqlite', 'os'],
};

const reservedPlants: Plant[] = reserved.flatMap((entry) =>
  names.flatMap((room) =>
    (specifiers[entry.name] ?? []).map((specifier) => ({
      file: `src/${room}/uses-${specifier.replaceAll(/\W/g, '-')}.ts`,
      imports: specifier,
      rule: entry.rooms.includes(room) ? undefined : `reserved-${entry.name}`,
    })),
  ),
);

const otherPlants: Plant[] = [
  { file: 'src/attic/forgotten.ts', imports: '../base/target.ts', rule: 'in-a-room' },
  { file: 'src/base/egg.ts', imports: './hen.ts', rule: 'no-circles' },
  { file: 'src/kube/uses-a-test.ts', imports: './target.test.ts', rule: 'no-test-code' },
  { file: 'src/kube/uses-test-support.ts', imports: './test-support.ts', rule: 'no-test-code' },
  { file: 'src/cmd/uses-tests.ts', imports: '../../test/target.ts', rule: 'no-test-code' },
  { file: 'src/cmd/uses-scripts.ts', imports: '../../scripts/target.ts', rule: 'no-test-code' },
  { file: 'src/cmd/uses-a-tool.ts', imports: 'fast-check', rule: 'declared' },
  { file: 'src/cmd/uses-a-stranger.ts', imports: 'stranger', rule: 'declared' },
  { file: 'src/cmd/uses-nothing.ts', imports: './nowhere.ts', rule: 'found' },
  // Tests may import anything.
  { file: 'src/base/free.test.ts', imports: '../cmd/target.ts', rule: undefined },
  { file: 'src/base/free-too.test.ts', imports: 'node:net', rule: undefined },
];

const statements = { value: 'export', type: 'import type' };

/** Each as a value and as a type, which is an import as well. */
const plants = [...arrowPlants, ...islandPlants, ...reservedPlants, ...otherPlants].flatMap((of) =>
  Object.entries(statements).map(([kind, statement]) => ({
    ...of,
    file: of.file.replace(/(?=([.]test)?[.]ts$)/, `-${kind}`),
    text: `${statement} { target } from '${of.imports.replace('hen', `hen-${kind}`)}';`,
  })),
);
const packages = ['@kubernetes/client-node', 'undici', 'selfsigned', 'pino', 'fast-check', 'stranger'];

function tree(): Tree {
  const homes = [
    'test',
    'scripts',
    ...[...names, attic].map((room) => `src/${room}`),
    ...islands.flatMap((room) => [`src/${room}/x`, `src/${room}/y`]),
  ];
  return Object.fromEntries([
    ['package.json', readFileSync(path.join(root, 'package.json'), 'utf8')],
    ...packages.map((name) => [`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' })]),
    ...packages.map((name) => [`node_modules/${name}/index.js`, 'export const target = 1;']),
    ...homes.map((home) => [`${home}/target.ts`, 'export const target = 1;']),
    ['src/kube/target.test.ts', 'export const target = 1;'],
    ['src/kube/test-support.ts', 'export const target = 1;'],
    ...Object.entries(statements).map(([kind, statement]) => [
      `src/base/hen-${kind}.ts`,
      `${statement} { target } from './egg-${kind}.ts';`,
    ]),
    ...plants.map((of) => [of.file, of.text]),
  ]) as Tree;
}

let planted: Planted;
let found: Cruise;

before(async () => {
  planted = plant(tree());
  found = await cruise(planted.top, ['src', 'test', 'scripts']);
});

after(() => {
  planted.remove();
});

const rulesAgainst = (file: string): string[] =>
  found.violations.filter((of: Violation) => of.from === file).map((of: Violation) => of.rule);

test('each planted import is refused by its rule, and by no other', () => {
  const refused = plants.filter((of) => of.rule !== undefined);
  const seen = Object.fromEntries(refused.map((of) => [of.file, [...new Set(rulesAgainst(of.file))]]));
  assert.deepEqual(seen, Object.fromEntries(refused.map((of) => [of.file, [of.rule]])));
});

test('each import that the tables allow is allowed', () => {
  const allowed = plants.filter((of) => of.rule === undefined);
  assert.ok(allowed.length > names.length, 'the tables allow something');
  assert.deepEqual(
    allowed.filter((of) => rulesAgainst(of.file).length > 0).map((of) => of.file),
    [],
  );
});

test('no rule is without a planted violation', () => {
  const rules = (config.forbidden ?? []).map((rule) => rule.name);
  assert.deepEqual([...new Set(plants.flatMap((of) => of.rule ?? []))].sort(), [...new Set(rules)].sort());
});

test('what no edit of the table may allow', () => {
  const importers = (room: string): string[] => names.filter((name) => rooms[name]?.includes(room) === true);
  assert.deepEqual(rooms.base, [], 'base depends on nothing');
  assert.deepEqual(rooms.domain, ['base', 'meta', 'api'], 'domain is pure');
  for (const room of ['net', 'system', 'apiserver', 'sim', 'qemu', 'agent', 'gc', 'controllers', 'ui'])
    assert.deepEqual(importers(room), ['cmd'], room);
  assert.deepEqual(importers('fleet'), ['controllers', 'cmd'], 'who takes which room is decided in the operator alone');
  assert.deepEqual(
    importers('domain'),
    ['fleet', 'controllers', 'agent', 'cmd'],
    'a mistake that sim shared with domain would cancel itself out',
  );
  assert.deepEqual(importers('cmd'), []);
  assert.deepEqual(islands, ['controllers']);
  const users = Object.fromEntries(reserved.map((entry) => [entry.name, entry.rooms]));
  assert.deepEqual(
    { clientNode: users['client-node'], undici: users.undici, sockets: users.sockets, files: users.files },
    { clientNode: ['cmd'], undici: ['net'], sockets: ['net'], files: ['cmd', 'system'] },
  );
});

test('the arrows between the rooms make no circle', () => {
  const above = (room: string): string[] => (rooms[room] ?? []).flatMap((below) => [below, ...above(below)]);
  for (const room of names) assert.ok(!above(room).includes(room), room);
});

test('all that was planted was seen', () => {
  assert.deepEqual(unseen(planted.top, ['src', 'test', 'scripts'], found.seen), []);
  assert.ok(found.seen.size >= plants.length);
});

test('what was not looked at is named, file or import', () => {
  const all = sources(planted.top, ['src']);
  const blind = new Map(
    [...found.seen]
      .filter(([file]) => file !== 'src/base/target.ts')
      .map(([file, of]) => [file, file === 'src/kube/to-base-value.ts' ? new Set<string>() : of]),
  );
  assert.ok(all.includes('src/base/target.ts'));
  assert.deepEqual(unseen(planted.top, ['src'], blind).sort(), [
    'src/base/target.ts was not looked at',
    'src/kube/to-base-value.ts: its import of ../base/target.ts was not seen',
  ]);
});

test('the plain reading finds imports on one line and on several', () => {
  const text = `import 'a';\nimport b from 'b';\nimport {\n  c,\n} from 'c';\nexport * from 'd';\nexport type { e } from 'e';\nexport const f = 'not from';\n`;
  assert.deepEqual(importsIn(text), ['a', 'b', 'c', 'd', 'e']);
});
