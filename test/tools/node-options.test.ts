import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeOptions, optionsFor, programOptions } from '../../scripts/launcher/options.mjs';

const root = join(import.meta.dirname, '../..');

test('the image runs the programs with the options that they have everywhere', () => {
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '[]';
  assert.deepEqual(JSON.parse(entry), ['node', ...programOptions]);
});

test('tools are not kept small: only what runs for long is', () => {
  assert.deepEqual(optionsFor('src/cmd/trial.ts'), programOptions);
  assert.deepEqual(optionsFor('test/run.ts'), nodeOptions);
  assert.deepEqual(optionsFor(undefined), nodeOptions);
});
