import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { programVersion } from './version.ts';

test('the version of the programs is the package’s', async () => {
  const said: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.ok(typeof said === 'object' && said !== null && 'version' in said);
  assert.equal(said.version, programVersion);
});
