import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client } from '../../../src/kube/client.ts';
import { leaderElection, type LeadEnd } from '../../../src/kube/leader-election.ts';
import { testRuntime, type TestRuntime } from '../../../src/kube/test-support.ts';
import type { Client, Draft } from '../../../src/kube/types.ts';
import { Lease } from '../../../src/meta/core.ts';
import { isApiError } from '../../../src/meta/status.ts';
import { authorization, ConfigMap, embedded } from './embedded.ts';

const ref = { namespace: 'default', name: 'a' };
const draft: Draft<ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...ref }, data: { color: 'red' } };

async function withServer(
  use: (direct: Client, runtime: TestRuntime, other: (identity: string) => { api: Client; runtime: TestRuntime }) => Promise<void>,
): Promise<void> {
  const runtime = testRuntime();
  const { server, direct } = await embedded(runtime);
  await use(direct, runtime, (identity) => {
    const process = testRuntime(runtime.clock, identity);
    return {
      api: client(server.handler, process, { userAgent: identity, fieldManager: identity, headers: authorization }),
      runtime: process,
    };
  });
  runtime.stop();
  await server.close();
}

test('creates, reads, changes and deletes', async () => {
  await withServer(async (api) => {
    const made = await api.create(ConfigMap, draft);
    assert.deepEqual(await api.get(ConfigMap, ref), made);
    await assert.rejects(api.create(ConfigMap, draft), (error) => isApiError(error, 'AlreadyExists'));
    const updated = await api.update(ConfigMap, { ...made, data: { color: 'blue' } });
    await assert.rejects(api.update(ConfigMap, made), (error) => isApiError(error, 'Conflict'));
    const merged = await api.patch(ConfigMap, ref, { data: { size: '1' } });
    assert.deepEqual(merged.data, { color: 'blue', size: '1' });
    await assert.rejects(
      api.patch(ConfigMap, ref, { metadata: { resourceVersion: updated.metadata.resourceVersion }, data: {} }),
      (error) => isApiError(error, 'Conflict'),
    );
    const patched = await api.jsonPatch(ConfigMap, ref, [{ op: 'remove', path: '/data/size' }]);
    assert.deepEqual(patched.data, { color: 'blue' });
    const dry = await api.patch(ConfigMap, ref, { data: { color: 'dry' } }, { dryRun: true });
    assert.equal(dry.data?.['color'], 'dry');
    assert.equal((await api.get(ConfigMap, ref))?.metadata.resourceVersion, patched.metadata.resourceVersion);
    await assert.rejects(api.delete(ConfigMap, ref, { preconditions: { uid: 'another' } }), (error) => isApiError(error, 'Conflict'));
    assert.equal(await api.delete(ConfigMap, ref, { preconditions: { uid: made.metadata.uid } }), true);
    assert.equal(await api.delete(ConfigMap, ref), false);
    assert.equal(await api.get(ConfigMap, ref), undefined);
  });
});

test('applies: owns what it says, lets go of what it says no more, and writes nothing the second time', async () => {
  await withServer(async (api) => {
    const first = await api.apply(ConfigMap, ref, { data: { a: '1', b: '2' } }, { fieldManager: 'one' });
    assert.deepEqual(
      first.metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
      [['one', 'Apply']],
    );
    await api.apply(ConfigMap, ref, { data: { c: '3' } }, { fieldManager: 'two' });
    const second = await api.apply(ConfigMap, ref, { data: { a: '1' } }, { fieldManager: 'one' });
    assert.deepEqual(second.data, { a: '1', c: '3' });
    const again = await api.apply(ConfigMap, ref, { data: { a: '1' } }, { fieldManager: 'one' });
    assert.equal(again.metadata.resourceVersion, second.metadata.resourceVersion);
  });
});

test('a field that the server does not know is refused, not dropped', async () => {
  await withServer(async (api) => {
    const odd = { ...draft, dta: { color: 'red' } };
    await assert.rejects(
      api.create(ConfigMap, odd),
      (error) => isApiError(error, 'BadRequest') && error.message.includes('unknown field "dta"'),
    );
  });
});

test('replicas elect one, and the next one when it goes', async () => {
  await withServer(async (api, { clock }, other) => {
    const ends: string[] = [];
    const leaders: string[] = [];
    const processes = ['a', 'b', 'c'].map((identity) => other(identity));
    for (const { api: own, runtime } of processes) {
      const stopped = new Promise<void>((resolve) => {
        runtime.stopping.addEventListener('abort', () => {
          resolve();
        });
      });
      const lease = { namespace: 'kube-system', name: 'operator' };
      void leaderElection(own, runtime, { lease, identity: runtime.id }, () => {
        leaders.push(runtime.id);
        return stopped;
      }).then((end: LeadEnd) => ends.push(`${runtime.id} ${end}`));
      await clock.settle();
    }
    await clock.advance(60_000);
    assert.deepEqual(leaders, ['a']);
    processes[0]?.runtime.stop();
    await clock.advance(5_000);
    assert.equal(leaders.length, 2);
    assert.deepEqual(ends, ['a stopped']);
    const lease = await api.get(Lease, { namespace: 'kube-system', name: 'operator' });
    assert.equal(lease?.spec?.holderIdentity, leaders[1]);
    assert.equal(lease?.spec?.leaseTransitions, 1);
    for (const process of processes) process.runtime.stop();
    await clock.advance(5_000);
    assert.equal(ends.length, 3);
  });
});
