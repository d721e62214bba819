import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventRecorder } from '../../../src/kube/event-recorder.ts';
import { testRuntime } from '../../../src/kube/test-support.ts';
import { Event } from '../../../src/meta/core.ts';
import { ConfigMap, embedded } from './embedded.ts';

test('events are taken by the server and found by their object', async () => {
  const runtime = testRuntime();
  const { server, direct: api } = await embedded(runtime);
  const object = await api.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a' } });
  const recorder = eventRecorder(api, runtime, { controller: 'hypersphere.io/test', instance: 'test-0' });
  recorder.event(object, 'Normal', 'Placed', 'on host-1');
  recorder.event(object, 'Normal', 'Placed', 'on host-1');
  await runtime.clock.settle();
  const { items } = await api.list(Event, { namespace: 'default', fieldSelector: 'regarding.name=a' });
  assert.deepEqual(
    items.map(({ reason, note, regarding }) => [reason, note, regarding.uid]),
    [['Placed', 'on host-1', object.metadata.uid]],
  );
  assert.deepEqual(runtime.lines, []);
  runtime.stop();
  await server.close();
});
