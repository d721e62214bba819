import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { candidates, capacityOf, isOfPool, poolOf, type AddressPool } from './address-pool.ts';
import { claimName } from './claim-name.ts';
import { macOf } from './mac.ts';
import type { Nic } from './nic.ts';

const nic = (virtualMachine: string, more: Partial<Nic> = {}): Nic => ({
  switch: 'prod',
  namespace: 'shop',
  virtualMachine,
  network: 'eth0',
  ...more,
});

function pool(cidr: string, gateway?: string): AddressPool {
  return poolOf({ pool: cidr, ...(gateway === undefined ? {} : { gateway }) }) ?? assert.fail(`no pool ${cidr}`);
}

describe('the MAC of a NIC', () => {
  it('is derived: the same for the same NIC, always, and another for anything that differs', () => {
    assert.equal(macOf(nic('web-1')), macOf(nic('web-1')));
    const all = [
      nic('web-1'),
      nic('web-2'),
      nic('web-1', { network: 'eth1' }),
      nic('web-1', { namespace: 'lab' }),
      nic('web-1', { switch: 'lab' }),
    ];
    assert.equal(new Set(all.map((one) => macOf(one))).size, all.length);
  });

  it("is locally administered and nobody's group, also the next candidates where another has it", () => {
    const macs = Array.from({ length: 50 }, (_, attempt) => macOf(nic('web-1'), attempt));
    assert.equal(new Set(macs).size, 50);
    for (const mac of macs) assert.match(mac, /^02(:[0-9a-f]{2}){5}$/);
  });

  it('two of 100,000 NICs hardly ever derive the same', () => {
    const macs = new Set(Array.from({ length: 100_000 }, (_, index) => macOf(nic(`vm-${String(index)}`))));
    assert.ok(macs.size >= 99_998, String(macs.size));
  });
});

describe('a pool of addresses', () => {
  const sizes: readonly [cidr: string, gateway: string | undefined, capacity: number][] = [
    ['10.0.10.0/24', undefined, 254],
    ['10.0.10.0/24', '10.0.10.1', 253],
    ['10.0.10.0/30', '10.0.10.2', 1],
    ['10.0.0.0/8', undefined, 2 ** 24 - 2],
    ['fd00:10::/126', undefined, 3],
    ['fd00:10::/126', 'fd00:10::3', 2],
    ['fd00:10::/64', undefined, Number.MAX_SAFE_INTEGER],
  ];
  for (const [cidr, gateway, capacity] of sizes)
    it(`${cidr}${gateway === undefined ? '' : ` with its gateway at ${gateway}`} can give ${String(capacity)}`, () => {
      assert.equal(capacityOf(pool(cidr, gateway)), capacity);
    });

  it('gives each address once, neither network nor broadcast nor gateway', () => {
    const given = [...candidates(pool('10.0.10.0/29', '10.0.10.3'), nic('web-1'))];
    assert.deepEqual([...given].sort(), ['10.0.10.1', '10.0.10.2', '10.0.10.4', '10.0.10.5', '10.0.10.6']);
  });

  it('begins with the one that is derived, and goes on behind it', () => {
    const some = pool('10.0.10.0/24');
    const [first = '', second = ''] = candidates(some, nic('web-1'));
    assert.equal([...candidates(some, nic('web-1'))][0], first);
    const last = (address: string): number => Number(address.split('.')[3]);
    assert.equal(last(second), (last(first) % 254) + 1);
    const firsts = new Set(Array.from({ length: 100 }, (_, index) => candidates(some, nic(`vm-${String(index)}`)).next().value));
    assert.ok(firsts.size > 60, 'NICs begin at the same addresses');
  });

  it('of IPv6 gives canonical addresses of its own', () => {
    const some = pool('fd00:10::/64', 'fd00:10::1');
    const { value = '' } = candidates(some, nic('web-1')).next();
    assert.match(value, /^fd00:10::?[0-9a-f:]+$/);
    assert.ok(isOfPool(some, value));
  });

  const members: readonly [address: string, isMember: boolean][] = [
    ['10.0.10.7', true],
    ['10.0.10.1', false],
    ['10.0.10.0', false],
    ['10.0.10.255', false],
    ['10.0.11.7', false],
    ['fd00::7', false],
    ['web', false],
  ];
  for (const [address, isMember] of members)
    it(`${address} is ${isMember ? '' : 'not '}of it`, () => {
      assert.equal(isOfPool(pool('10.0.10.0/24', '10.0.10.1'), address), isMember);
    });
});

describe('the name of a claim', () => {
  const names: readonly [what: string, name: string][] = [
    ['02:0a:0b:0c:0d:0e', 'prod.02-0a-0b-0c-0d-0e'],
    ['10.0.10.7', 'prod.10.0.10.7'],
    ['fd00:10::7', 'prod.fd00-0010-0000-0000-0000-0000-0000-0007'],
    ['FD00:10:0:0::7', 'prod.fd00-0010-0000-0000-0000-0000-0000-0007'],
  ];
  for (const [what, expected] of names)
    it(`of ${what}: legal, and one for each form`, () => {
      assert.equal(claimName('prod', what), expected);
      assert.match(expected, /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    });
});
