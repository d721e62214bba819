import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anInstance, aVm, meta } from '../../test/builders/objects.ts';
import type { PortCounters } from '../api/effective-port.ts';
import { HostUsage } from '../api/host-usage.ts';
import type { PortGroup } from '../api/port-group.ts';
import { SwitchPort } from '../api/switch-port.ts';
import { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { Cache, ChangeHandler, Kind } from '../kube/types.ts';
import { keyOf, type KubeObject } from '../meta/objects.ts';
import { PortBook } from './port-book.ts';

const apiVersion = 'hypersphere.io/v1alpha1';

/** A cache that a test fills. */
function filled<T extends KubeObject>(
  kind: Kind<T>,
  group: (object: T) => string,
): Cache<T> & { set(object: T): void; remove(object: T): void } {
  const objects = new Map<string, T>();
  const handlers: ChangeHandler<T>[] = [];
  const tell = (before: T | undefined, after: T | undefined): void => {
    for (const handler of handlers) handler(before, after);
  };
  return {
    kind,
    get: (ref) => objects.get(keyOf(ref)),
    list: () => [...objects.values()],
    byIndex: (_, key) => [...objects.values()].filter((object) => group(object) === key),
    synced: () => true,
    silentFor: () => 0,
    onChange: (handler) => {
      handlers.push(handler);
      return () => undefined;
    },
    set: (object) => {
      const before = objects.get(keyOf(object.metadata));
      objects.set(keyOf(object.metadata), object);
      tell(before, object);
    },
    remove: (object) => {
      objects.delete(keyOf(object.metadata));
      tell(object, undefined);
    },
  };
}

const counted = (frames: number): PortCounters => ({
  receivedFrames: frames,
  receivedBytes: frames * 100,
  sentFrames: 1,
  sentBytes: 100,
  droppedFrames: 0,
});
const aPort = (name: string, counters?: PortCounters): SwitchPort => ({
  apiVersion,
  kind: 'SwitchPort',
  metadata: meta(name, { namespace: 'shop' }),
  spec: { virtualMachine: 'web', network: 'eth0', switch: 'prod', portGroup: 'front' },
  status: counters === undefined ? {} : { counters },
});
const usage = (frames: number): HostUsage => ({
  apiVersion,
  kind: 'HostUsage',
  metadata: meta('h1'),
  status: { ports: [{ namespace: 'shop', name: 'web.eth0', ...counted(frames) }] },
});
const life = (frames: number): VirtualMachineInstance =>
  anInstance(aVm('web'), 'h1', {
    spec: {
      networks: [
        {
          name: 'eth0',
          port: 'web.eth0',
          switch: 'prod',
          portGroup: 'front',
          macAddress: '02:00:00:00:00:01',
          addresses: [],
          blocked: false,
        },
      ],
    },
    status: { networks: [{ name: 'eth0', ...counted(frames) }] },
  });

function bench() {
  const instances = filled(VirtualMachineInstance, () => '');
  const ports = filled(SwitchPort, ({ spec }) => spec.portGroup);
  const usages = filled(HostUsage, () => '');
  return { instances, ports, usages, book: new PortBook({ instances, networks: { ports, usages } }) };
}

describe('what ports have counted', () => {
  it('is the most that anybody has said, also of a life whose instance is gone by now', () => {
    const { book, instances, ports, usages } = bench();
    assert.equal(book.counters('shop/web.eth0'), undefined);
    ports.set(aPort('web.eth0', counted(5)));
    assert.equal(book.final('shop/web.eth0')?.receivedFrames, 5);
    const ended = life(8);
    instances.set(ended);
    instances.remove(ended);
    assert.equal(book.final('shop/web.eth0')?.receivedFrames, 8);
    usages.set(usage(11));
    assert.deepEqual([book.final('shop/web.eth0')?.receivedFrames, book.counters('shop/web.eth0')?.receivedFrames], [8, 11]);
    usages.set(usage(3));
    assert.equal(book.counters('shop/web.eth0')?.receivedFrames, 11, 'a counter went back');
  });

  it('is forgotten with the port', () => {
    const { book, instances, ports } = bench();
    const port = aPort('web.eth0');
    ports.set(port);
    instances.set(life(8));
    ports.remove(port);
    assert.equal(book.counters('shop/web.eth0'), undefined);
  });
});

describe('free ports', () => {
  const group = (spec: Partial<PortGroup['spec']>): PortGroup => ({
    apiVersion,
    kind: 'PortGroup',
    metadata: meta('front'),
    spec: { switch: 'prod', vlan: { id: 1 }, binding: 'Static', mirrorDestination: false, ...spec },
    status: {},
  });

  it('are counted with those that are just being made, each once', () => {
    const { book, ports } = bench();
    const two = group({ ports: 2, autoExpand: false });
    ports.set(aPort('a.eth0'));
    assert.equal(book.hasFreePort(two), true);
    book.assume('shop/b.eth0', 'front');
    assert.equal(book.hasFreePort(two), false);
    ports.set(aPort('b.eth0'));
    assert.equal(book.used('front'), 2);
    book.assume('shop/c.eth0', 'front');
    book.forget('shop/c.eth0');
    assert.equal(book.used('front'), 2);
  });

  it('are always there where a group expands, or does not count', () => {
    const { book, ports } = bench();
    ports.set(aPort('a.eth0'));
    for (const spec of [{ ports: 1 }, { ports: 1, autoExpand: true }, { binding: 'Ephemeral' as const }])
      assert.equal(book.hasFreePort(group(spec)), true);
  });
});
