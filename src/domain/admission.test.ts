import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionRefusal, slotsOn, toleratedFailures } from './admission.ts';
import type { Resources } from './resources.ts';

const gibibyte = 1024 ** 3;
const of = (gi: number, milliCores = 0): Resources => ({ milliCores, memoryBytes: gi * gibibyte });
const many = (count: number, one: Resources): Resources[] => Array.from({ length: count }, () => one);

void test('a slot is as large as the largest of each thing that any VM takes', () => {
  assert.equal(slotsOn(of(64, 16_000), of(8, 500)), 8);
  assert.equal(slotsOn(of(64, 2_000), of(8, 500)), 4);
  assert.equal(slotsOn(of(7, 2_000), of(8, 500)), 0);
});

void test('tolerated failures: the largest hosts are assumed to die (rule 5)', async (t) => {
  const cases: readonly [string, readonly Resources[], readonly Resources[], number][] = [
    ['no hosts survive nothing', [], [], 0],
    ['one host survives nothing', [of(64)], [], 0],
    ['one stays in any case', many(4, of(64)), [], 3],
    ['half full', many(4, of(16)), many(8, of(4)), 2],
    ['full', many(4, of(16)), many(16, of(4)), 0],
    ['over full, since a host is away', many(2, of(16)), many(12, of(4)), 0],
    ['the largest goes first', [of(64), of(16), of(16)], many(8, of(4)), 1],
    ['the largest has most of the room', [of(64), of(16), of(16)], many(9, of(4)), 0],
    ['one large VM makes large slots', many(4, of(16)), [...many(7, of(1)), of(16)], 0],
    ['processors count as far as they are reserved', many(3, of(64, 4_000)), many(4, of(1, 1_000)), 2],
    ['and bound it', many(3, of(64, 4_000)), many(5, of(1, 1_000)), 1],
  ];
  for (const [name, hosts, demands, expected] of cases) {
    await t.test(name, () => {
      assert.equal(toleratedFailures({ hosts, demands }), expected);
    });
  }
});

void test('a VM whose start would break the promise is refused with figures (rules 5, 11)', async (t) => {
  const hosts = many(4, of(16, 8_000));
  const cases: readonly [string, Parameters<typeof admissionRefusal>, string | undefined][] = [
    ['the last slot', [{ type: 'HostFailures', number: 1 }, { hosts, demands: many(11, of(4)) }, of(4)], undefined],
    [
      'one too many',
      [{ type: 'HostFailures', number: 1 }, { hosts, demands: many(12, of(4)) }, of(4)],
      'it would need 13 slots of 4096Mi, and with the largest 1 of 4 hosts away there are 12',
    ],
    [
      'a larger one makes every slot larger',
      [{ type: 'HostFailures', number: 1 }, { hosts, demands: many(8, of(4)) }, of(6, 500)],
      'it would need 9 slots of 6144Mi and 500m, and with the largest 1 of 4 hosts away there are 6',
    ],
    [
      'more failures than hosts',
      [{ type: 'HostFailures', number: 5 }, { hosts, demands: [] }, of(1)],
      'it would need 1 slots of 1024Mi, and with the largest 4 of 4 hosts away there are 0',
    ],
    ['a share that stays free', [{ type: 'Percentage', cpu: 25, memory: 25 }, { hosts, demands: many(11, of(4)) }, of(4)], undefined],
    [
      'memory beyond its share',
      [{ type: 'Percentage', cpu: 25, memory: 25 }, { hosts, demands: many(12, of(4)) }, of(4)],
      'it would leave 18% of memory free, and 25% is kept',
    ],
    [
      'processors beyond their share',
      [{ type: 'Percentage', cpu: 25, memory: 0 }, { hosts, demands: many(24, of(1, 1_000)) }, of(1, 100)],
      'it would leave 24% of processors unreserved, and 25% is kept',
    ],
    ['hosts that are kept for it', [{ type: 'DedicatedHosts', nodeNames: ['a'] }, { hosts, demands: many(16, of(4)) }, of(4)], undefined],
    ['no promise', [{ type: 'None' }, { hosts, demands: many(16, of(4)) }, of(4)], undefined],
  ];
  for (const [name, asked, expected] of cases) {
    await t.test(name, () => {
      assert.equal(admissionRefusal(...asked), expected);
    });
  }
});
