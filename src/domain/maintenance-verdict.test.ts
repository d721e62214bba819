import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Step } from './maintenance-occupant.ts';
import { unreachable, verdictOf, waitingFor } from './maintenance-verdict.ts';

function say(...steps: Step[]): string {
  const { status, reason, message } = verdictOf(steps.map((step, index) => ({ name: `shop/vm-${String(steps.length - index)}`, step })));
  return `${status} ${reason}: ${message}`;
}

const leave = { do: 'leave' } as const;
const sleep = { do: 'sleep' } as const;
const stay = { do: 'stay' } as const;
const stuck = { do: 'stuck', why: 'it says Block' } as const;

describe('what a host says of its evacuation (rule 11)', () => {
  const table: [string, string, string][] = [
    ['nothing is on it', say(), 'True Empty: no VM runs on it'],
    ['one leaves', say(leave), 'False Evacuating: 1 VM leaves'],
    ['some cannot', say(leave, leave, stuck), 'False Evacuating: 2 VMs leave; 1 VM cannot leave: shop/vm-1: it says Block'],
    ['none can', say(stuck, stuck), 'False Blocked: 2 VMs cannot leave: shop/vm-1: it says Block, shop/vm-2: it says Block'],
    [
      'many cannot',
      say(...Array.from({ length: 7 }, () => stuck)),
      `False Blocked: 7 VMs cannot leave: ${[1, 2, 3, 4, 5].map((n) => `shop/vm-${String(n)}: it says Block`).join(', ')}, and 2 more`,
    ],
    [
      'those that sleep are in nobody’s way',
      say(sleep),
      'True Empty: no VM runs on it; 1 VM is suspended, and its memory stays on it: shop/vm-1',
    ],
    ['some tolerate its taints', say(stay, stay), 'True Empty: no VM that should leave runs on it; 2 VMs tolerate its taints'],
  ];
  for (const [name, got, wanted] of table) {
    test(name, () => {
      assert.equal(got, wanted);
    });
  }

  test('is the same whatever the order in which they are seen', () => {
    const fates = [
      { name: 'a', step: stuck },
      { name: 'b', step: stuck },
    ];
    assert.deepEqual(verdictOf(fates), verdictOf([...fates].reverse()));
  });

  test('another change has it, or it does not answer', () => {
    assert.equal(waitingFor('Upgrade').message, 'nothing leaves yet: the host is claimed for upgrade');
    assert.equal(unreachable(1).message, 'its agent does not answer; 1 VM is known to be on it');
  });
});
