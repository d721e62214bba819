import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mirror } from '../api/distributed-switch.ts';
import { mirrorTrouble, type MirrorView } from './mirrors.ts';

const groups: Readonly<Record<string, string>> = {
  'shop/a.eth0': 'web',
  'shop/b.eth0': 'web',
  'shop/ids.eth0': 'copies',
  'shop/ids.eth1': 'more',
};
const view: MirrorView = { groupOf: (port) => groups[port], takesCopies: (group) => group !== 'web' };
const from = (portGroup: string): Mirror['from'] => ({ portGroup });
const vm = (name: string, network?: string): Mirror['from'] => ({
  virtualMachine: { namespace: 'shop', name },
  ...(network === undefined ? {} : { network }),
});
const mirror = (name: string, of: Mirror['from'], to: string): Mirror => {
  const [target = '', network = ''] = to.split('.');
  return { name, from: of, direction: 'Both', to: { virtualMachine: { namespace: 'shop', name: target }, network } };
};

const cases: readonly [what: string, mirrors: readonly Mirror[], reason: string | undefined][] = [
  ['none', [], undefined],
  ['of a group to another', [mirror('m', from('web'), 'ids.eth0')], undefined],
  ['to a port that there is not yet', [mirror('m', from('web'), 'later.eth0')], undefined],
  ['of copies to a third', [mirror('m', from('web'), 'ids.eth0'), mirror('n', from('copies'), 'ids.eth1')], undefined],
  ['of a VM to a port that takes none', [mirror('m', vm('a'), 'b.eth0')], 'MirrorTargetRefuses'],
  ['of a group to a port of its own', [mirror('m', from('copies'), 'ids.eth0')], 'MirrorLoop'],
  ['of a VM to a port of its own', [mirror('m', vm('ids'), 'ids.eth0')], 'MirrorLoop'],
  ['of a port to another of its VM', [mirror('m', vm('ids', 'eth1'), 'ids.eth0')], undefined],
  ['there and back', [mirror('m', from('copies'), 'ids.eth1'), mirror('n', from('more'), 'ids.eth0')], 'MirrorLoop'],
  ['there and back by names', [mirror('m', vm('ids', 'eth0'), 'ids.eth1'), mirror('n', vm('ids', 'eth1'), 'ids.eth0')], 'MirrorLoop'],
];

describe('mirrors', () => {
  for (const [what, mirrors, reason] of cases)
    it(`${what}: ${reason ?? 'may be'}`, () => {
      assert.equal(mirrorTrouble(mirrors, view)?.reason, reason);
    });

  it('whose copies come back say through which others', () => {
    const found = mirrorTrouble([mirror('m', from('copies'), 'ids.eth1'), mirror('n', from('more'), 'ids.eth0')], view);
    assert.equal(found?.message, 'spec.mirrors: the copies that m makes come back to it through n');
  });
});
