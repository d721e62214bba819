// What a host does with its VMs by itself when it is cut off, and when it is so (rules 8, 10, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aCluster, anInstance, aVm } from '../../test/builders/objects.ts';
import type { VirtualMachineInstanceSpec } from '../api/virtual-machine-instance.ts';
import {
  isInTrouble,
  isolatedAfterMs,
  lostAfterMs,
  noTroubles,
  responsesOf,
  responseTo,
  troublesAfter,
  type Sight,
  type Troubles,
} from './responses.ts';

const networks = { heartbeat: { isolationAddresses: ['192.0.2.1'] } };
const well: Sight = { hearsPeers: true, isAnswered: true, lostDatastores: [] };
const alone: Sight = { hearsPeers: false, isAnswered: false, lostDatastores: [] };
const lost: Sight = { ...well, lostDatastores: ['shared'] };

describe('what is asked for', () => {
  const said = (vm: object, cluster: object): object =>
    responsesOf(aVm('web', { spec: { availability: { evacuation: 'LiveMigrate', ...vm } } }), aCluster('main', { networks, ...cluster }));

  it('is what the VM says, else its cluster, else PowerOff', () => {
    const isolationAddresses = ['192.0.2.1'];
    assert.deepEqual(said({}, {}), { isolation: 'PowerOff', isolationAddresses });
    assert.deepEqual(said({}, { availability: { isolationResponse: 'ShutDown' } }), { isolation: 'ShutDown', isolationAddresses });
    assert.deepEqual(said({ isolationResponse: 'LeaveOn' }, { availability: { isolationResponse: 'ShutDown' } }), {});
    assert.deepEqual(said({ isolationResponse: 'LeaveOn' }, { availability: { storageLoss: 'LeaveOn' } }), { storageLoss: 'LeaveOn' });
    assert.deepEqual(said({ isolationResponse: 'LeaveOn', storageLoss: 'PowerOff' }, { availability: { storageLoss: 'LeaveOn' } }), {});
  });

  it('is nothing about isolation where nothing could tell it from a fleet of which only one host is left', () => {
    assert.deepEqual(said({ isolationResponse: 'PowerOff' }, { networks: {} }), {});
  });
});

describe('when a host is cut off', () => {
  const asks: VirtualMachineInstanceSpec['responses'] = { isolation: 'ShutDown', isolationAddresses: ['192.0.2.1'] };
  const guest = (responses = asks): VirtualMachineInstanceSpec => anInstance(aVm('web'), 'h1', { spec: { responses } }).spec;
  const word = (troubles: Troubles, now: number, spec = guest()): string => {
    const response = responseTo(spec, troubles, now);
    return response === undefined ? '' : `${response.reason} ${response.how}`;
  };

  it('is alone when it hears nobody and nothing answers, and not when one of both is so: it has lost the API alone (rule 10)', () => {
    assert.ok(isInTrouble(troublesAfter(noTroubles, alone, 0)));
    for (const sight of [well, { ...alone, hearsPeers: true }, { ...alone, isAnswered: true }])
      assert.equal(isInTrouble(troublesAfter(noTroubles, sight, 0)), false);
  });

  it('acts once that has been so without a break for a while', () => {
    const first = troublesAfter(noTroubles, alone, 1_000);
    const second = troublesAfter(first, alone, 1_000 + isolatedAfterMs);
    assert.equal(word(second, 999 + isolatedAfterMs), '');
    assert.equal(word(second, 1_000 + isolatedAfterMs), 'Isolated ShutDown');
    const again = troublesAfter(troublesAfter(first, well, 2_000), alone, 3_000);
    assert.equal(word(again, 1_000 + isolatedAfterMs), '');
    assert.equal(word(second, 1e6, guest({})), '', 'it is left on');
  });

  it('powers a VM off whose datastore it has not reached for a while, unless that is to be left on, and no other', () => {
    const troubles = troublesAfter(troublesAfter(noTroubles, lost, 0), lost, lostAfterMs);
    assert.equal(word(troubles, lostAfterMs - 1), '');
    assert.equal(word(troubles, lostAfterMs), 'StorageLost PowerOff');
    assert.equal(word(troubles, lostAfterMs, guest({ storageLoss: 'LeaveOn' })), '');
    const other = { ...guest(), arbiter: { lease: 'vm' }, disks: [{ name: 'root', datastore: 'local', size: '1Gi' }] };
    assert.equal(word(troubles, lostAfterMs, other), '');
    assert.equal(
      word(troubles, lostAfterMs, { ...other, disks: [{ name: 'root', datastore: 'shared', size: '1Gi' }] }),
      'StorageLost PowerOff',
    );
  });
});
