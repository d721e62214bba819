// What cannot be protected as it is asked for: each time the pair says why and what would help, and the VM is as it was (rules 5 and 8).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FTPair, type FTPairSpec } from '../../../src/api/ft-pair.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { pairFleet, type PairFleet } from './pairs.ts';

interface Wrong {
  readonly what: string;
  readonly hosts?: number;
  readonly spec?: Partial<FTPairSpec>;
  readonly before?: (fleet: PairFleet) => Promise<void>;
  readonly reason: string;
  readonly says: RegExp;
}

const vm = (spec: object) => (fleet: PairFleet) => fleet.patchVm('db', spec);

const wrong: readonly Wrong[] = [
  { what: 'a VM that is off', before: vm({ powerState: 'PoweredOff' }), reason: 'PowerState', says: /to be off \(spec.powerState\)/ },
  {
    what: 'a VM that is suspended',
    before: vm({ powerState: 'Suspended' }),
    reason: 'PowerState',
    says: /to be suspended \(spec.powerState\)/,
  },
  {
    what: 'two processors in lockstep',
    before: async (fleet) => {
      await fleet.patchVm('db', { powerState: 'PoweredOff', cpu: { cores: 2 } });
      await fleet.until(async () => (await fleet.instances('db')).length === 0, 60_000);
      await fleet.patchVm('db', { powerState: 'PoweredOn' });
      await fleet.untilReady('db');
    },
    spec: { mode: 'Lockstep' },
    reason: 'OneProcessorOnly',
    says: /spec.mode: Lockstep is for VMs of one processor, and this one has 2: use Checkpoint/,
  },
  { what: 'no second host', hosts: 1, reason: 'NoHostFits', says: /^no second host would do: 0\/1 hosts/ },
  {
    what: 'a place that there is not',
    spec: { placement: { nodeSelector: { rack: 'moon' } } },
    reason: 'NoHostFits',
    says: /^no second host would do: 0\/3 hosts: 2 not in rack moon, 1 that it runs on/,
  },
  {
    what: 'more on each host than may be',
    before: async (fleet) => {
      await fleet.patchCluster({ limits: { faultTolerantPerHost: 1 } });
      await fleet.makeVm('web');
      await fleet.untilReady('web');
      await fleet.protectVm('web');
      await fleet.until(async () => (await fleet.instances('web')).length === 2, 60_000);
    },
    hosts: 2,
    reason: 'TooManyOnHost',
    says: /^rack-\d, where it runs, has 1 other originals and shadows already \(spec.limits.faultTolerantPerHost\)$/,
  },
  {
    what: 'a shadow that would take the room that is kept for the death of hosts',
    hosts: 2,
    before: async (fleet) => {
      await fleet.patchVm('db', { powerState: 'PoweredOff', memory: { size: '40Gi' } });
      await fleet.until(async () => (await fleet.instances('db')).length === 0, 60_000);
      await fleet.patchVm('db', { powerState: 'PoweredOn' });
      await fleet.untilReady('db');
      await fleet.patchCluster({ availability: { admission: { hostFailures: { number: 1 } } } });
    },
    reason: 'NoHostFits',
    says: /keeps room for the death of hosts \(spec.availability.admission\): it would need 2 slots of 4\d+Mi, .* there are 1/,
  },
];

describe('what cannot be protected as it is asked for', () => {
  for (const { before, hosts = 3, reason, says, spec, what } of wrong) {
    it(what, async () => {
      const fleet = await pairFleet(hosts);
      await before?.(fleet);
      const lives = await fleet.livesOf('db');
      await fleet.protect(spec);
      await fleet.untilPair(`False ${reason}`);
      await fleet.clock.advance(30_000);
      assert.equal(await fleet.pairSays(), `False ${reason}`);
      const said = findCondition((await fleet.pair()).status.conditions, 'Protected');
      assert.match(said?.message ?? '', says);
      assert.equal(await fleet.livesOf('db'), lives, 'the VM is as it was');
      assert.ok((await fleet.instances('db')).length <= 1);
      await fleet.stop();
    });
  }

  it('one whose arbiter is a Lease is protected, and says what that cannot do (rule 10)', async () => {
    const fleet = await pairFleet(2);
    await fleet.makeVm('bare', { disks: [] });
    await fleet.untilReady('bare');
    await fleet.protectVm('bare');
    const says = async (): Promise<string> => {
      const pair = await fleet.during(fleet.person.get(FTPair, { namespace: 'shop', name: 'bare' }));
      return findCondition(pair?.status.conditions, 'Protected')?.message ?? '';
    };
    await fleet.until(async () => (await says()).includes(' could go on for it; not while the API server is away, '), 60_000);
    await fleet.stop();
  });

  it('a VM that there is not', async () => {
    const fleet = await pairFleet(2);
    const ref = { namespace: 'shop', name: 'nobody' };
    await fleet.during(fleet.person.apply(FTPair, ref, { spec: { virtualMachine: 'nobody' } }, { fieldManager: 'person' }));
    const says = async (): Promise<string> => {
      const pair = await fleet.during(fleet.person.get(FTPair, ref));
      const said = findCondition(pair?.status.conditions, 'Enabled');
      return `${said?.status ?? ''} ${said?.reason ?? ''}: ${said?.message ?? ''}`;
    };
    await fleet.until(async () => (await says()).startsWith('False VirtualMachineNotFound: there is no VirtualMachine nobody'), 30_000);
    await fleet.stop();
  });
});
