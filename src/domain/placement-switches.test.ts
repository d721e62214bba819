import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aVm } from '../../test/builders/objects.ts';
import { newcomerOf } from './newcomer.ts';
import { place, refusalAt, type Candidate, type Newcomer } from './placement.ts';

const host = (name: string, zone: string, switches: readonly (readonly [string, boolean])[]): Candidate => ({
  name,
  labels: { zone },
  taints: [],
  cordoned: false,
  ready: true,
  cores: 16,
  capacity: { milliCores: 16_000, memoryBytes: 2 ** 36 },
  taken: { milliCores: 0, memoryBytes: 0 },
  residents: [],
  switches: new Map(switches),
});
const onProd: Newcomer = { ...newcomerOf(aVm('web')), switches: [{ name: 'prod', hostSelector: { matchLabels: { zone: 'a' } } }] };

describe('a VM whose NICs are on a switch', () => {
  const hosts = [
    host('h1', 'b', [['prod', true]]),
    host('h2', 'a', []),
    host('h3', 'a', [['prod', false]]),
    host('h4', 'a', [['prod', true]]),
  ];

  it('goes to a host that the switch selects and that has it as it should be', () => {
    assert.deepEqual(place(onProd, hosts), { host: 'h4' });
  });

  it('goes nowhere else, and each host says why', () => {
    const message = '0/3 hosts: 2 whose switch prod is not ready, 1 not on switch prod';
    assert.deepEqual(place(onProd, hosts.slice(0, 3)), { message, switchless: true });
    assert.deepEqual(place(onProd, hosts.slice(0, 1)), { message: '0/1 hosts: 1 not on switch prod' });
    assert.equal(refusalAt(onProd, hosts, 'h1')?.reason, 'NotOnSwitch');
    assert.equal(refusalAt(onProd, hosts, 'h2')?.reason, 'SwitchNotReady');
    assert.equal(refusalAt(onProd, hosts, 'h4'), undefined);
  });

  it('needs all of its switches; a VM without networks needs none', () => {
    const both: Newcomer = { ...onProd, switches: [...(onProd.switches ?? []), { name: 'lab', hostSelector: {} }] };
    assert.equal(refusalAt(both, hosts, 'h4')?.words, 'whose switch lab is not ready');
    assert.equal(refusalAt(newcomerOf(aVm('web')), hosts, 'h2'), undefined);
  });
});
