import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greeting } from './words.ts';

test('the commands can be typed in any folder: all paths in them are absolute, as a shell takes them', () => {
  for (const empty of [true, false]) {
    const text = greeting({ kubeconfig: "/home/o'hara/my data/kubeconfig", project: '/srv/hypersphere', empty, missing: [] });
    assert.match(text, /^ {2}export KUBECONFIG='\/home\/o'\\''hara\/my data\/kubeconfig'$/m);
    assert.match(text, /^ {2}kubectl apply -f \/srv\/hypersphere\/manifests\/faults\/power-loss\.yaml$/m);
    for (const [, file] of text.matchAll(/apply -f (\S+)/g)) assert.ok(file?.startsWith('/'), file);
  }
});

test('machines that are not ready are named, with the command that says why', () => {
  const text = greeting({ kubeconfig: '/k', project: '/p', empty: false, missing: ['shop/giant', 'shop/b'] });
  assert.match(text, /^Not ready yet: shop\/giant, shop\/b\. Why: kubectl describe hsvm giant -n shop$/m);
});
