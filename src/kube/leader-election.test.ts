import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Stopped } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { ConnectionLost, type ControlPlane } from '../meta/control-plane.ts';
import type { Lease } from '../meta/core.ts';
import { failure } from '../meta/status.ts';
import type { VirtualClock } from '../sim/clock.ts';
import { testClock } from '../sim/test-support.ts';
import { client } from './client.ts';
import { leaderElection, type Lead, type LeadEnd } from './leader-election.ts';
import { answer, bodyOf, refusal, testRuntime, type TestRuntime } from './test-support.ts';

const ref = { namespace: 'hypersphere', name: 'operator' };

/** A server that holds one Lease. */
function leaseServer(): {
  controlPlane: ControlPlane;
  lease: () => Lease | undefined;
  set: (lease: Lease | undefined) => void;
  writes: () => number;
} {
  let lease: Lease | undefined;
  let revision = 0;
  const controlPlane: ControlPlane = async (request) => {
    await Promise.resolve();
    if (request.method === 'GET') return lease === undefined ? refusal(failure(404, 'NotFound', 'none')) : answer(200, lease);
    const said = bodyOf(request) as Lease;
    if (request.method === 'POST' && lease !== undefined) return refusal(failure(409, 'AlreadyExists', 'there'));
    if (request.method === 'PUT' && said.metadata.resourceVersion !== lease?.metadata.resourceVersion)
      return refusal(failure(409, 'Conflict', 'modified'));
    lease = { ...said, metadata: { ...said.metadata, resourceVersion: String(++revision) } };
    return answer(200, lease);
  };
  return { controlPlane, lease: () => lease, set: (other) => void (lease = other), writes: () => revision };
}

interface Contender {
  runtime: TestRuntime;
  lead: Lead | undefined;
  /** Its work for the lead has ended: from then on it gives the lead back. */
  hasWorked: boolean;
  end: LeadEnd | undefined;
  /** What becomes of a request: it goes through, is lost before or after it was carried out, or is never answered. */
  network: 'fine' | 'lost' | 'lostAfter' | 'silent';
  /** Lets the work for the lead end. */
  finish: () => void;
}

function contend(controlPlane: ControlPlane, clock: VirtualClock, identity: string, seed = 1): Contender {
  const runtime = { ...testRuntime(clock, identity), random: seededRandom(seed) };
  let finish = (): void => undefined;
  const working = new Promise<void>((resolve) => (finish = resolve));
  const me: Contender = { runtime, lead: undefined, hasWorked: false, end: undefined, network: 'fine', finish };
  const through: ControlPlane = async (request, signal) => {
    if (me.network === 'lost') throw new ConnectionLost('cut');
    if (me.network === 'silent')
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          reject(new Stopped());
        }),
      );
    const response = await controlPlane(request, signal);
    if (me.network === 'lostAfter') throw new ConnectionLost('cut');
    return response;
  };
  const api = client(through, runtime, { userAgent: identity, fieldManager: 'elector' });
  void leaderElection(api, runtime, { lease: ref, identity }, async (lead) => {
    me.lead = lead;
    await working;
    me.hasWorked = true;
  }).then((end) => (me.end = end));
  return me;
}

const leads = (one: Contender): boolean => one.lead !== undefined && !one.lead.lost.aborted && !one.hasWorked && one.end === undefined;

test('the first one makes the Lease and leads; the second waits', async () => {
  const clock = testClock(Date.parse('2026-03-01T12:00:00Z'));
  const server = leaseServer();
  const a = contend(server.controlPlane, clock, 'a');
  await clock.settle();
  const b = contend(server.controlPlane, clock, 'b', 2);
  await clock.advance(60_000);
  assert.deepEqual([leads(a), leads(b)], [true, false]);
  const spec = server.lease()?.spec;
  assert.equal(spec?.holderIdentity, 'a');
  assert.equal(spec.leaseDurationSeconds, 15);
  assert.equal(spec.leaseTransitions, 0);
  assert.equal(spec.acquireTime, '2026-03-01T12:00:00.000000Z');
  assert.equal(spec.renewTime, '2026-03-01T12:01:00.000000Z');
  assert.equal(server.writes(), 31, 'one renewal in two seconds');
  assert.equal(a.lead?.held(), true);
});

test('a leader that cannot renew loses its lead before anyone else has it, however its requests fail', async () => {
  for (const network of ['lost', 'lostAfter', 'silent'] as const) {
    const clock = testClock(0);
    const server = leaseServer();
    const a = contend(server.controlPlane, clock, 'a');
    await clock.settle();
    const b = contend(server.controlPlane, clock, 'b', 2);
    await clock.advance(20_000);
    a.network = network;
    const cut = clock.monotonic();
    await clock.until(() => !leads(a), 10_000);
    assert.ok(clock.monotonic() - cut >= 8_000, 'it tries for long enough');
    assert.equal(a.lead?.runtime.stopping.aborted, true);
    assert.equal(a.lead.held(), false);
    assert.equal(leads(b), false);
    const lost = clock.monotonic();
    await clock.until(() => leads(b), 60_000);
    assert.ok(clock.monotonic() > lost);
    assert.equal(b.lead?.term, 1);
    assert.equal(server.lease()?.spec?.leaseTransitions, 1);
    a.finish();
    await clock.settle();
    assert.equal(a.end, 'lost');
  }
});

test('a short cut changes nothing', async () => {
  const clock = testClock(0);
  const server = leaseServer();
  const a = contend(server.controlPlane, clock, 'a');
  const b = contend(server.controlPlane, clock, 'b', 2);
  for (const network of ['lost', 'lostAfter', 'silent'] as const) {
    await clock.advance(5_000);
    a.network = network;
    await clock.advance(5_000);
    a.network = 'fine';
    await clock.advance(5_000);
  }
  assert.deepEqual([leads(a), leads(b)], [true, false]);
});

test("wall clocks play no part: the leader's may be hours off", async () => {
  const server = leaseServer();
  const clock = testClock(Date.parse('2026-03-01T12:00:00Z'));
  const a = contend(server.controlPlane, clock, 'a');
  await clock.settle();
  clock.jump(-7_200_000);
  const b = contend(server.controlPlane, clock, 'b', 2);
  await clock.advance(60_000);
  clock.jump(20_000_000);
  await clock.advance(60_000);
  assert.deepEqual([leads(a), leads(b)], [true, false]);
});

test('an orderly stop keeps the lead until the work has ended, then frees it: the next one need not wait', async () => {
  const clock = testClock(0);
  const server = leaseServer();
  const a = contend(server.controlPlane, clock, 'a');
  await clock.settle();
  const b = contend(server.controlPlane, clock, 'b', 2);
  await clock.advance(5_000);
  a.runtime.stop();
  await clock.advance(30_000);
  assert.equal(a.lead?.runtime.stopping.aborted, true);
  assert.equal(a.lead.lost.aborted, false);
  assert.deepEqual([leads(a), leads(b)], [true, false]);
  a.finish();
  await clock.advance(4_000);
  assert.equal(a.end, 'stopped');
  assert.equal(leads(b), true);
  assert.equal(b.lead?.term, 1);
});

test('time counts from when a renewal was asked for, however late its answer: others have seen it since', async () => {
  const clock = testClock(0);
  const server = leaseServer();
  const late: ControlPlane = async (request, signal) => {
    const response = await server.controlPlane(request, signal);
    if (request.method === 'PUT') await clock.sleep(4_000);
    return response;
  };
  const a = contend(late, clock, 'a');
  await clock.until(() => server.writes() === 2, 10_000);
  const asked = clock.monotonic();
  await clock.advance(4_000);
  a.network = 'lost';
  await clock.until(() => !leads(a), 60_000);
  assert.equal(clock.monotonic() - asked, 10_000);
});

test('a lead that is given back while a renewal is under way is given back all the same', async () => {
  const clock = testClock(0);
  const server = leaseServer();
  let slow = false;
  const delayed: ControlPlane = async (request, signal) => {
    const response = await server.controlPlane(request, signal);
    if (slow && request.method === 'PUT') {
      slow = false;
      await clock.sleep(1_000);
    }
    return response;
  };
  const a = contend(delayed, clock, 'a');
  await clock.advance(3_900);
  slow = true;
  await clock.advance(200);
  a.finish();
  await clock.advance(100);
  assert.equal(a.end, 'done');
  assert.equal(server.lease()?.spec?.holderIdentity, undefined);
});

test('the same identity takes its lead up again at once after a restart', async () => {
  const clock = testClock(0);
  const server = leaseServer();
  const a = contend(server.controlPlane, clock, 'a');
  await clock.advance(5_000);
  // A crash: nothing of it goes on.
  a.network = 'silent';
  const again = contend(server.controlPlane, clock, 'a');
  await clock.settle();
  assert.equal(leads(again), true);
  assert.equal(again.lead?.term, 0);
});

test('a lead that someone took, or freed, is lost at once: others may have led in between', async () => {
  for (const holder of ['intruder', undefined]) {
    const clock = testClock(0);
    const server = leaseServer();
    const a = contend(server.controlPlane, clock, 'a');
    await clock.advance(5_000);
    const lease = server.lease();
    assert.ok(lease);
    const spec = { ...lease.spec };
    delete spec.holderIdentity;
    server.set({
      ...lease,
      metadata: { ...lease.metadata, resourceVersion: '999' },
      spec: { ...spec, ...(holder === undefined ? {} : { holderIdentity: holder }) },
    });
    await clock.advance(4_100);
    assert.equal(leads(a), false);
    assert.equal(server.lease()?.spec?.holderIdentity, holder, 'and not taken back');
  }
});

test('a rival that has seen a Lease only once waits its whole duration from there', async () => {
  const clock = testClock(Date.parse('2026-03-01T12:00:00Z'));
  const server = leaseServer();
  const metadata = { ...ref, uid: 'u', resourceVersion: '1', creationTimestamp: '2020-01-01T00:00:00Z' };
  const spec = { holderIdentity: 'gone', leaseDurationSeconds: 30, renewTime: '2020-01-01T00:00:00.000000Z', leaseTransitions: 4 };
  server.set({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  const a = contend(server.controlPlane, clock, 'a');
  await clock.advance(29_999);
  assert.equal(leads(a), false);
  await clock.advance(5_000);
  assert.equal(leads(a), true);
  assert.equal(a.lead?.term, 5);
});

test('what the work throws comes through, and the lead is given back', async () => {
  const server = leaseServer();
  const runtime = testRuntime();
  const api = client(server.controlPlane, runtime, { userAgent: 'a', fieldManager: 'elector' });
  await assert.rejects(
    leaderElection(api, runtime, { lease: ref, identity: 'a' }, () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  await runtime.clock.settle();
  assert.equal(runtime.clock.sleepers(), 0);
  assert.equal(getEventListeners(runtime.stopping, 'abort').length, 0);
  assert.equal(server.lease()?.spec?.holderIdentity, undefined);
  await assert.rejects(
    leaderElection(api, runtime, { lease: ref, identity: 'a', renewDeadline: 15_000 }, () => Promise.resolve()),
    /outlast/,
  );
  runtime.stop();
  assert.equal(await leaderElection(api, runtime, { lease: ref, identity: 'a' }, () => Promise.resolve()), 'stopped');
});

test('never two leaders, whatever happens to the network', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const clock = testClock(0);
    const server = leaseServer();
    const slow: ControlPlane = async (request, signal) => {
      await clock.sleep(random.integer(200));
      const response = await server.controlPlane(request, signal);
      await clock.sleep(random.integer(random.integer(10) === 0 ? 12_000 : 200));
      return response;
    };
    let born = 0;
    const contenders = ['a', 'b', 'c'].map((name) => contend(slow, clock, name, ++born + seed));
    let led = 0;
    for (let step = 0; step < 200; step++) {
      const one = random.integer(contenders.length);
      const contender = contenders[one];
      if (contender === undefined) continue;
      contender.network = (['fine', 'fine', 'lost', 'lostAfter', 'silent'] as const)[random.integer(5)] ?? 'fine';
      if (random.integer(8) === 0) contender.runtime.stop();
      for (let i = 0; i < 10; i++) {
        await clock.advance(random.integer(500));
        const leading = contenders.filter((each) => leads(each)).length;
        assert.ok(leading <= 1, `seed ${String(seed)}: two leaders at ${String(clock.monotonic())}`);
        led += leading;
      }
      if (contender.lead?.runtime.stopping.aborted === true) contender.finish();
      if (contender.end !== undefined) contenders[one] = contend(slow, clock, `${contender.runtime.id}'`, ++born + seed);
    }
    assert.ok(led > 100, `seed ${String(seed)}: somebody leads most of the time`);
  }
});

test('nobody can lead where the namespace is missing: said once for what is wrong, and tried until it is there', async () => {
  const clock = testClock(0);
  const server = leaseServer();
  let isThere = false;
  const controlPlane: ControlPlane = async (request, signal) =>
    request.method === 'POST' && !isThere
      ? refusal(failure(404, 'NotFound', 'namespaces "system" not found'))
      : server.controlPlane(request, signal);
  const a = contend(controlPlane, clock, 'a');
  await clock.advance(60_000);
  const said = a.runtime.lines.filter(({ message }) => message.startsWith('nobody can lead'));
  assert.equal(leads(a), false);
  assert.equal(said.length, 1);
  assert.match(String(said[0]?.fields['error']), /namespaces "system" not found/);
  isThere = true;
  await clock.advance(5_000);
  assert.equal(leads(a), true);
});
