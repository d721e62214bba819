import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meta } from '../../../test/builders/objects.ts';
import { rfc3339Micro } from '../../base/time.ts';
import type { Cache, ChangeHandler } from '../../kube/types.ts';
import { Lease } from '../../meta/core.ts';
import { virtualClock } from '../../sim/clock.ts';
import { Heartbeats } from './heartbeats.ts';

/** A cache whose changes the test tells. */
function leases(): Cache<Lease> & { tell: ChangeHandler<Lease> } {
  const handlers = new Set<ChangeHandler<Lease>>();
  return {
    kind: Lease,
    get: () => undefined,
    list: () => [],
    byIndex: () => [],
    synced: () => true,
    silentFor: () => 0,
    onChange: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    tell: (before, after) => {
      for (const handler of handlers) handler(before, after);
    },
  };
}

const lease = (renewed: number): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: meta('agent-h'),
  spec: { renewTime: rfc3339Micro(renewed), leaseDurationSeconds: 40 },
});

describe('Heartbeats', () => {
  const start = Date.parse('2026-03-01T12:00:00Z');

  it('counts an agent as silent when its lease has run out by our own clock, however its clock goes', async () => {
    const [clock, cache] = [virtualClock(start), leases()];
    const heartbeats = new Heartbeats(clock, cache, () => undefined);
    cache.tell(undefined, lease(start + 3_600_000));
    assert.equal(heartbeats.silentIn('agent-h'), 40_000);
    await clock.advance(10_000);
    cache.tell(undefined, lease(start - 3_600_000));
    assert.equal(heartbeats.silentIn('agent-h'), 40_000);
    await clock.advance(40_000);
    assert.equal(heartbeats.silentIn('agent-h'), 0);
  });

  it('does not take a host that died long ago for alive when it first looks', () => {
    const cache = leases();
    const heartbeats = new Heartbeats(virtualClock(start), cache, () => undefined);
    cache.tell(undefined, lease(start - 600_000));
    assert.equal(heartbeats.known('agent-h'), true);
    assert.ok(heartbeats.silentIn('agent-h') <= 0);
  });

  it('hears no sign of life in a renewal that is told again', async () => {
    const [clock, cache] = [virtualClock(start), leases()];
    const heartbeats = new Heartbeats(clock, cache, () => undefined);
    cache.tell(undefined, lease(start));
    await clock.advance(30_000);
    cache.tell(lease(start), lease(start));
    assert.equal(heartbeats.silentIn('agent-h'), 10_000);
  });
});
