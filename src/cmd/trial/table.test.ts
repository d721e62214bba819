import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aVm } from '../../../test/builders/objects.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { Cache } from '../../kube/types.ts';
import { testClock } from '../../sim/test-support.ts';
import { showUntilReady } from './table.ts';

function vm(name: string, status: 'True' | 'False', reason: string): VirtualMachine {
  const condition = { type: 'Ready', status, reason, message: '', lastTransitionTime: '2026-03-01T12:00:00Z' };
  return aVm(name, { metadata: { namespace: 'shop' }, status: { observedGeneration: 1, phase: 'Running', conditions: [condition] } });
}

/** Follows machines that a test puts there. */
function following(...at: readonly VirtualMachine[]) {
  const clock = testClock();
  const stop = new AbortController();
  let machines = at;
  let missing: readonly string[] | undefined;
  let printed = '';
  const screen = { write: (text: string) => (printed += text), terminal: false, height: 24 };
  const cache: Pick<Cache<VirtualMachine>, 'list'> = { list: () => [...machines] };
  const done = showUntilReady(cache, clock, screen, stop.signal).then((found) => (missing = found));
  const put = (...now: readonly VirtualMachine[]): void => {
    machines = now;
  };
  return { clock, put, done, missing: () => missing, printed: () => printed };
}

describe('the table of machines that come up', () => {
  test('ends when all are ready', async () => {
    const { clock, put, done, missing, printed } = following(vm('web', 'False', 'Booting'));
    await clock.advance(4_000);
    assert.equal(missing(), undefined);
    put(vm('web', 'True', 'Running'));
    await clock.advance(2_000);
    assert.deepEqual(await done, []);
    assert.match(printed(), /4\.\ds {2}shop\/web: Running/);
  });

  test('takes no status of before a restart for the present', async () => {
    const { clock, put, done, missing, printed } = following(vm('web', 'True', 'Running'));
    await clock.advance(600);
    put(vm('web', 'False', 'Booting'));
    await clock.advance(3_000);
    assert.equal(missing(), undefined);
    put(vm('web', 'True', 'Running'));
    await clock.advance(2_000);
    assert.deepEqual(await done, []);
    assert.match(printed(), /3\.\ds {2}shop\/web: Running/, 'the seconds are those of this start');
  });

  test('does not wait for ever for a machine that fits nowhere: it is named', async () => {
    const { clock, done } = following(vm('web', 'True', 'Running'), vm('giant', 'False', 'NoHostFits'));
    await clock.advance(16_000);
    assert.deepEqual(await done, ['shop/giant']);
  });
});
