import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatForever } from '../../../src/agent/heartbeat.ts';
import { client } from '../../../src/kube/client.ts';
import { answer, testRuntime } from '../../../src/kube/test-support.ts';
import type { ApiResponse, ControlPlane } from '../../../src/meta/control-plane.ts';

test('one connection that freezes does not cost an agent its lease of forty seconds', async () => {
  const runtime = testRuntime();
  const renewedAt: number[] = [];
  let asked = 0;
  const controlPlane: ControlPlane = () => {
    asked++;
    if (asked === 2) return new Promise<ApiResponse>(() => undefined);
    renewedAt.push(runtime.clock.monotonic());
    return Promise.resolve(answer(200, { metadata: { name: 'agent-h1', resourceVersion: String(asked) } }));
  };
  void heartbeatForever(client(controlPlane, runtime, { userAgent: 'agent', fieldManager: 'agent' }), runtime, 'h1');
  await runtime.clock.advance(80_000);
  runtime.stop();
  const gaps = renewedAt.slice(1).map((at, index) => at - (renewedAt[index] ?? 0));
  assert.ok(Math.max(...gaps) < 40_000, `renewed at ${renewedAt.join(', ')}`);
});
