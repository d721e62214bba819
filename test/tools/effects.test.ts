import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ESLint, type Linter } from 'eslint';
import { globals, messageOf, modules, properties, pureRooms, shapes } from '../../eslint.effects.js';
import { root } from '../../scripts/tool.ts';
import { plant, type Planted, type Tree } from './plant.ts';

/** How a source would do what is banned, by the name of the ban. */
const shapePlants: Readonly<Record<string, readonly string[]>> = {
  'module-level let': ['let count = 0;', 'export let total = 0;', 'var old = 0;'],
  'empty module-level collections': [
    'const seen = new Map<string, string>();',
    'export const list: string[] = [];',
    'const kept = new WeakMap();',
  ],
  'mutable static fields': ['class Counter { static count = 0; }'],
  'import()': ['export const later = () => import("../base/target.ts");'],
  'import.meta': ['export const here = import.meta.url;'],
};

const modulePlants: Readonly<Record<string, readonly string[]>> = {
  'node modules': ['node:fs', 'node:timers/promises', 'node:test', 'fs', 'crypto', 'stream/web'],
  sockets: ['undici'],
  'log writers': ['pino'],
};

/** A line of source, and what must be said against it. */
interface Sin {
  readonly code: string;
  readonly message: string;
}

const sins: Sin[] = [
  ...globals.map((ban) => ({ code: `export const a = () => ${ban.name};`, message: messageOf(ban) })),
  ...properties.map((ban) => ({ code: `export const b = (of: any) => ${ban.object ?? 'of'}.${ban.name}();`, message: messageOf(ban) })),
  ...modules.flatMap((ban) => (modulePlants[ban.name] ?? []).map((name) => ({ code: `import '${name}';`, message: messageOf(ban) }))),
  ...shapes.flatMap((ban) => (shapePlants[ban.name] ?? []).map((code) => ({ code, message: messageOf(ban) }))),
];

/** What looks alike and is fine. */
const innocent = [
  'export const limit = 3;',
  'export const verbs = new Set(["get"]);',
  'const none: ReadonlySet<string> = new Set();',
  'const no: readonly string[] = [];',
  'export function f(): number { let count = 0; count += 1; return count; }',
  'export const g = (clock: { now(): number }) => clock.now();',
  'export const h = (process: { id: string }) => process.id;',
  'export const i = () => AbortSignal.any([new AbortController().signal]);',
  'class Words { static readonly all = 1; }',
  'import { target } from "../base/target.ts";',
];

/** Rules for all of src/: one plant each, with the rule that must name it. */
const plain: Readonly<Record<string, string>> = {
  '@typescript-eslint/no-explicit-any': 'export const a: any = 1;',
  '@typescript-eslint/no-unsafe-assignment': 'export const b: string = JSON.parse("1");',
  '@typescript-eslint/no-unsafe-member-access': 'export const c = () => JSON.parse("1").x as string;',
  '@typescript-eslint/no-unsafe-call': 'export const d = (): void => { JSON.parse("1")(); };',
  '@typescript-eslint/no-unsafe-return': 'export const e = (): string => JSON.parse("1");',
  '@typescript-eslint/no-unsafe-argument': 'export const f = (): string => String.raw(JSON.parse("1"));',
  '@typescript-eslint/no-floating-promises': 'export const g = (): void => { Promise.resolve(1); };',
  '@typescript-eslint/no-misused-promises': 'export const h = (): void => { [1].forEach(async () => { await Promise.resolve(); }); };',
  '@typescript-eslint/no-non-null-assertion': 'export const i = (x?: string): string => x!;',
  '@typescript-eslint/explicit-module-boundary-types': 'export const j = () => 1;',
  '@typescript-eslint/switch-exhaustiveness-check': 'export const k = (x: "a" | "b"): void => { switch (x) { case "a": break; } };',
  '@typescript-eslint/consistent-type-imports': 'import { Target } from "../base/target.ts"; export type L = Target;',
  '@typescript-eslint/no-unused-vars': 'export const m = (unused: string): void => undefined;',
  '@typescript-eslint/only-throw-error': 'export const n = (): void => { throw "text"; };',
  eqeqeq: 'export const o = (x: string, y: string): boolean => x == y;',
  'no-console': 'export const p = (): void => { console.log(1); };',
  'no-restricted-syntax': 'export default 1;',
  'max-params': 'export const q = (a: 1, b: 1, c: 1, d: 1, e: 1, f: 1): number[] => [a, b, c, d, e, f];',
  complexity: `export const r = (x: number): number => ${'x > 1 ? 1 : '.repeat(20)}0;`,
  'max-depth': 'export function s(x: boolean): void { if (x) { if (x) { if (x) { if (x) { s(x); } } } } }',
  'max-lines-per-function': `export function t(): void {\n${'t();\n'.repeat(70)}}`,
  'max-lines': Array.from({ length: 401 }, (_, index) => `export const u${String(index)} = 1;`).join('\n'),
};

let planted: Planted;
let messages: ReadonlyMap<string, readonly Linter.LintMessage[]>;

function tree(): Tree {
  const files: [string, string][] = [
    [
      'tsconfig.json',
      JSON.stringify({
        extends: path.join(root, 'tsconfig.json'),
        compilerOptions: { typeRoots: [path.join(root, 'node_modules/@types')] },
        include: ['src', 'test'],
      }),
    ],
    ['src/base/target.ts', 'export interface Target { a: 1 }\nexport const target = 1;'],
    ...[...pureRooms, 'system'].map((room): [string, string] => [`src/${room}/sins.ts`, sins.map((sin) => sin.code).join('\n')]),
    ...pureRooms.map((room): [string, string] => [`src/${room}/innocent.ts`, innocent.join('\n')]),
    ['src/kube/excused.ts', '// eslint-disable-next-line no-restricted-globals -- only here\nexport const a = () => process;'],
    [
      'src/base/time.ts',
      'export const year = (ms: number): number => new Date(ms).getUTCFullYear();\nexport const roll = (): number => Math.random();',
    ],
    ...Object.values(plain).map((code, index): [string, string] => [`src/system/plain-${String(index)}.ts`, code]),
    ['src/kube/sleeps.test.ts', 'setTimeout(() => undefined, 1);'],
    ['src/net/sleeps.test.ts', 'import "node:timers/promises";\nawait new Promise((resolve) => setTimeout(resolve, 1));'],
    ['src/net/serves.test.ts', 'import { test } from "node:test";\ntest("slow server", () => { setTimeout(() => undefined, 1); });'],
  ];
  return Object.fromEntries(files);
}

before(async () => {
  planted = plant(tree());
  const eslint = new ESLint({ cwd: planted.top, overrideConfigFile: path.join(root, 'eslint.config.js') });
  const results = await eslint.lintFiles(['src']);
  messages = new Map(results.map((result) => [path.relative(planted.top, result.filePath).split(path.sep).join('/'), result.messages]));
});

after(() => {
  planted.remove();
});

const against = (file: string): readonly Linter.LintMessage[] => messages.get(file) ?? assert.fail(`${file} was not looked at`);
const isBan = (of: Linter.LintMessage): boolean => of.ruleId?.startsWith('no-restricted-') === true;

test('every ban has a plant', () => {
  for (const ban of modules) assert.ok(modulePlants[ban.name], ban.name);
  for (const ban of shapes) assert.ok(shapePlants[ban.name], ban.name);
  assert.ok(sins.length > 60);
});

for (const room of pureRooms) {
  test(`${room}: each effect is refused, in words, on its line`, () => {
    const bans = against(`src/${room}/sins.ts`).filter(isBan);
    sins.forEach((sin, index) => {
      const said = bans.filter((of) => of.line === index + 1).map((of) => of.message);
      assert.ok(
        said.some((text) => text.includes(sin.message.slice(0, -1))),
        `${sin.code} → ${JSON.stringify(said)}`,
      );
    });
  });

  test(`${room}: what only looks alike is allowed`, () => {
    assert.deepEqual(against(`src/${room}/innocent.ts`).filter(isBan), []);
  });
}

test('a room of effects may have them', () => {
  assert.deepEqual(against('src/system/sins.ts').filter(isBan), []);
});

test('a comment excuses nothing in a room that the simulation runs', () => {
  assert.ok(against('src/kube/excused.ts').some((of) => of.ruleId === 'no-restricted-globals'));
});

test('base/time.ts has Date, and nothing else', () => {
  assert.deepEqual(
    against('src/base/time.ts')
      .filter(isBan)
      .map((of) => of.line),
    [2],
  );
});

test('each rule of all rooms refuses what it is there for', () => {
  Object.keys(plain).forEach((rule, index) => {
    const said = against(`src/system/plain-${String(index)}.ts`).map((of) => of.ruleId);
    assert.ok(said.includes(rule), `${rule}: ${JSON.stringify(said)}`);
  });
});

test('tests do not sleep', () => {
  assert.deepEqual(
    against('src/kube/sleeps.test.ts').map((of) => of.ruleId),
    ['no-restricted-globals'],
  );
  assert.deepEqual(
    against('src/net/sleeps.test.ts').map((of) => of.ruleId),
    ['no-restricted-imports', 'no-restricted-syntax'],
  );
  assert.deepEqual(against('src/net/serves.test.ts'), []);
});
