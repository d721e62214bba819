import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { effectRules, globalsBut, pureRooms, restrictedShapes } from './eslint.effects.js';

const tests = ['**/*.test.ts', 'src/**/test-support.ts', 'test/**'];
const pure = pureRooms.map((room) => `src/${room}/**/*.ts`);

const defaultExport = { selector: 'ExportDefaultDeclaration', message: 'Export by name, so that one thing has one name.' };

const sleepless = 'Wait for a condition, or drive a virtual clock: a sleep is too short on one machine and too long on all others.';

const timers = ['setTimeout', 'setInterval', 'setImmediate'];

/**
 * Small files and short functions: a picture of health, with room for the odd table or state machine.
 * @type {import('eslint').Linter.RulesRecord}
 */
const size = {
  complexity: ['error', 15],
  'max-depth': ['error', 3],
  'max-lines': ['error', 400],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', 5],
};

/** @type {import('eslint').Linter.RulesRecord} */
const own = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/restrict-template-expressions': ['error', {}],
  // The compiler's noPropertyAccessFromIndexSignature would say it; both spellings are clear.
  '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
  // An interface asks for a promise where this implementation has nothing to wait for; JSON and patches are records with any key;
  // wire formats have control characters.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/no-dynamic-delete': 'off',
  '@typescript-eslint/no-invalid-void-type': 'off',
  '@typescript-eslint/consistent-indexed-object-style': 'off',
  '@typescript-eslint/consistent-type-definitions': 'off',
  'no-control-regex': 'off',
  // A text spread into its code points is what is meant.
  '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
  // The compiler knows what is defined.
  'no-undef': 'off',
  eqeqeq: 'error',
  'no-console': 'error',
  'no-restricted-syntax': ['error', defaultExport],
};

export default defineConfig(
  { ignores: ['.cache/', 'coverage/', 'pure.d.ts'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { ...own, ...size },
  },
  {
    name: 'rooms of the simulation',
    files: pure,
    ignores: tests,
    // What may be passed over stands in this file, for all to see.
    linterOptions: { noInlineConfig: true },
    rules: { ...effectRules, 'no-restricted-syntax': ['error', ...restrictedShapes, defaultExport] },
  },
  {
    name: 'calendar words',
    files: ['src/base/time.ts'],
    rules: { 'no-restricted-globals': globalsBut('Date') },
  },
  {
    name: 'tests',
    files: tests,
    rules: {
      // A suite is one long function, and what runs it waits for its promises.
      complexity: 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // An answer is read as what it is expected to be: were it something else, the test would fail.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' }] },
      ],
    },
  },
  {
    name: 'no sleeping in tests',
    files: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        defaultExport,
        { selector: 'NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"]', message: sleepless },
      ],
      'no-restricted-imports': ['error', { patterns: [{ regex: '^(node:)?timers(/|$)', message: sleepless }] }],
    },
  },
  {
    name: 'no timers in the tests of what the simulation runs',
    files: pureRooms.map((room) => `src/${room}/**/*.test.ts`),
    rules: { 'no-restricted-globals': ['error', ...timers.map((name) => ({ name, message: sleepless }))] },
  },
  {
    name: 'scripts talk to the person who runs them',
    files: ['scripts/**'],
    rules: { 'no-console': 'off' },
  },
  {
    name: 'schemas, whose types are what the compiler infers',
    files: ['src/api/**/*.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  {
    name: 'what its tool wants as the default export',
    files: ['*.config.js', '.dependency-cruiser.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    name: 'JavaScript',
    files: ['**/*.mjs', '**/*.js'],
    // A type is asserted by a comment where a value is assigned, and a plain return type is inferred.
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off', '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
);
