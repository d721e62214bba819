import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkPicture, type Drawn } from './picture.ts';

const creationTimestamp = '2026-01-01T00:00:00Z';
const isReady = { type: 'Ready', status: 'True', reason: 'Bound', message: '', lastTransitionTime: creationTimestamp } as const;

function aPort(virtualMachine: string, network: string, portGroup: string, nodeName?: string): Drawn['ports'][number] {
  const name = `${virtualMachine}.${network}`;
  return {
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1', creationTimestamp },
    spec: { virtualMachine, network, switch: 'prod', portGroup, macAddress: '02:00:00:00:00:01', addresses: ['10.0.10.7'] },
    status: nodeName === undefined ? {} : { nodeName, conditions: [isReady] },
  };
}

function aGroup(name: string, vlan: Drawn['groups'][number]['spec']['vlan']): Drawn['groups'][number] {
  const metadata = { name, uid: name, resourceVersion: '1', creationTimestamp };
  return { metadata, spec: { switch: 'prod', vlan, binding: 'Static', mirrorDestination: false } };
}

const groups = [aGroup('web', { id: 10 }), aGroup('data', { private: 101 })];
const ports = [aPort('web-1', 'eth0', 'web', 'host-2'), aPort('web-1', 'eth1', 'data', 'host-2'), aPort('db', 'eth0', 'data')];

test('each machine stands on its host, and hangs on its groups by its addresses', () => {
  assert.deepEqual(networkPicture({ groups, ports }).split('\n'), [
    'flowchart LR',
    '  subgraph host0 ["host-2"]',
    '    vm1["shop/web-1"]',
    '  end',
    '  subgraph host1 ["on no host"]',
    '    vm0["shop/db"]',
    '  end',
    '  subgraph dvs0 ["switch prod"]',
    '    pg0(["data<br>private VLAN 101"])',
    '    pg1(["web<br>VLAN 10"])',
    '  end',
    '  vm0 ---|"eth0 10.0.10.7, not ready"| pg0',
    '  vm1 ---|"eth0 10.0.10.7"| pg1',
    '  vm1 ---|"eth1 10.0.10.7"| pg0',
    '',
  ]);
});

test('in whatever order all that comes, the picture is the same', () => {
  assert.equal(networkPicture({ groups: groups.toReversed(), ports: ports.toReversed() }), networkPicture({ groups, ports }));
});
