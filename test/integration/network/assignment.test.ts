// Addresses under churn: none twice, none before it has rested, none leaked. `npm test -- --full` gives a hundred thousand.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AddressClaim } from '../../../src/api/address-claim.ts';
import { SwitchPort } from '../../../src/api/switch-port.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { candidates, poolOf } from '../../../src/domain/address-pool.ts';
import type { Nic } from '../../../src/domain/nic.ts';
import { isApiError } from '../../../src/meta/status.ts';
import { full } from '../../tools/full.ts';
import { assignmentBench, disagreements, type AssignmentBench } from './assignment-bench.ts';

const wanted = Number(process.env['HYPERSPHERE_ASSIGNMENTS'] ?? (full ? 100_000 : 600));
const names = Array.from({ length: 400 }, (_, index) => ({ namespace: index % 2 === 0 ? 'shop' : 'lab', name: `vm-${String(index)}` }));

async function toggle({ person, during }: AssignmentBench, index: number, exists: Set<number>): Promise<void> {
  const ref = names[index] ?? assert.fail();
  if (exists.delete(index)) {
    await during(person.delete(VirtualMachine, ref));
    return;
  }
  exists.add(index);
  const spec = {
    powerState: 'PoweredOff',
    memory: { size: '1Gi' },
    networks: [
      { name: 'eth0', portGroup: 'four' },
      { name: 'eth1', portGroup: 'six' },
    ],
  };
  await during(person.apply(VirtualMachine, ref, { spec }, { fieldManager: 'person' })).catch((error: unknown) => {
    if (!isApiError(error, 'Conflict')) throw error;
  });
}

describe('assignment of addresses', () => {
  test(`${String(wanted)} by two operators with old caches and lost answers: no duplicate, none leaked`, async () => {
    const bench = await assignmentBench(7);
    const random = seededRandom(3);
    const exists = new Set<number>();
    for (let round = 0; bench.assigned() < wanted; round++) {
      bench.weather(round % 4 !== 0);
      for (let i = 0; i < 40; i++) await toggle(bench, random.integer(names.length), exists);
      await bench.clock.advance(random.integer(10) === 0 ? 45_000 : random.integer(8_000));
      if (random.integer(20) === 0) bench.replaceOperator();
      assert.deepEqual(bench.violations, []);
    }
    bench.weather(true);
    await bench.clock.advance(180_000);
    assert.deepEqual(await bench.during(disagreements(bench.person)), []);
    for (const index of [...exists]) await toggle(bench, index, exists);
    await bench.clock.advance(300_000);
    assert.deepEqual(bench.violations, []);
    assert.equal((await bench.during(bench.person.list(SwitchPort))).items.length, 0);
    assert.equal((await bench.during(bench.person.list(AddressClaim))).items.length, 0);
    await bench.stop();
  });

  test('100,000 by two that see each a view of some time ago, where only making a claim decides: no duplicate, and the pool is used to its last', () => {
    const random = seededRandom(5);
    const pool = poolOf({ pool: '10.0.0.0/22' }) ?? assert.fail();
    const taken = new Map<string, string>();
    const views = [new Map<string, string>(), new Map<string, string>()];
    const held = new Map<string, string>();
    let refused = 0;
    let most = 0;
    for (let given = 0; given < 100_000;) {
      const name = `vm-${String(random.integer(1_200))}`;
      const address = held.get(name);
      if (address !== undefined) {
        held.delete(name);
        taken.delete(address);
        continue;
      }
      const view = random.integer(2);
      if (random.integer(50) === 0) views[view] = new Map(taken);
      const nic: Nic = { switch: 'prod', namespace: 'shop', virtualMachine: name, network: 'eth0' };
      for (const candidate of candidates(pool, nic)) {
        // Past its own view it asks nobody; what it takes for free may be taken.
        if (views[view]?.has(candidate) === true) continue;
        if (taken.has(candidate)) {
          refused++;
          continue;
        }
        taken.set(candidate, name);
        held.set(name, candidate);
        given++;
        break;
      }
      most = Math.max(most, held.size);
      assert.equal(taken.size, held.size);
    }
    assert.ok(refused > 1_000, 'no view was ever old');
    assert.ok(most > 550, String(most));
  });
});
