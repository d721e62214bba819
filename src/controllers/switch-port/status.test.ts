import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aVm, meta } from '../../../test/builders/objects.ts';
import type { SwitchPort } from '../../api/switch-port.ts';
import { findCondition } from '../../meta/conditions.ts';
import { statusOf, type PortView } from './status.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const port: SwitchPort = {
  apiVersion: 'hypersphere.io/v1alpha1',
  kind: 'SwitchPort',
  metadata: meta('web.eth0', { namespace: 'shop' }),
  spec: { virtualMachine: 'web', network: 'eth0', switch: 'prod', portGroup: 'front', macAddress: '02:00:00:00:00:01', addresses: [] },
  status: {},
};
const counted = { receivedFrames: 9, receivedBytes: 900, sentFrames: 1, sentBytes: 100, droppedFrames: 0 };
const running = aVm('web', { status: { nodeName: 'h1', instance: 'web-1' } });
const view = (more: Partial<PortView> = {}): PortView => ({ port, vm: running, counted: undefined, now, ...more });
const reasonOf = (status: SwitchPort['status'], type = 'Ready'): string => findCondition(status.conditions, type)?.reason ?? '';

describe('what is said of a port', () => {
  it('says where it is, and where it was last once its VM is off', () => {
    const bound = statusOf(view());
    assert.deepEqual([bound.nodeName, bound.instance, reasonOf(bound)], ['h1', 'web-1', 'Bound']);
    const off = statusOf(view({ port: { ...port, status: bound }, vm: aVm('web') }));
    assert.deepEqual([off.nodeName, off.instance, reasonOf(off)], ['h1', undefined, 'Unbound']);
  });

  it('counts on, never back, and says when that was', () => {
    const first = statusOf(view({ counted }));
    assert.deepEqual([first.counters, first.countedAt], [counted, '2026-03-01T12:00:00Z']);
    const later = statusOf(view({ port: { ...port, status: first }, counted: { ...counted, receivedFrames: 4 }, now: now + 60_000 }));
    assert.deepEqual([later.counters, later.countedAt], [counted, '2026-03-01T12:00:00Z']);
  });

  it('is the same for the same: nothing is written twice', () => {
    const once = statusOf(view({ counted }));
    assert.deepEqual(statusOf(view({ port: { ...port, status: once }, counted, now: now + 60_000 })), once);
  });

  it('needs a person where there is no address', () => {
    const status = statusOf(view({ trouble: { reason: 'AddressesExhausted', message: 'all are taken' } }));
    assert.deepEqual([reasonOf(status), reasonOf(status, 'Stalled')], ['AddressesExhausted', 'AddressesExhausted']);
  });
});
