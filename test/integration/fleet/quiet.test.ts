import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { samples, startFleet } from './fleet.ts';

const shop = ['web-1', 'web-2', 'web-3', 'web-4', 'db', 'cache'];

describe('rule 7: at rest nothing is written', () => {
  test('8 hosts with the sample shop write leases and at most one HostUsage a host a minute', async () => {
    const fleet = await startFleet(8);
    for (const object of await samples()) if (object.kind === 'VirtualMachine') await fleet.apply(object);
    await fleet.untilReady(...shop);
    await fleet.clock.advance(120_000);
    fleet.writes.length = 0;
    const usages = new Map<string, number>();
    for (let minute = 0; minute < 10; minute++) {
      await fleet.clock.advance(60_000);
      // One report is a status, after the object itself when it is the first.
      for (const write of fleet.writes.splice(0)) {
        if (write.includes('/namespaces/') && write.includes('/leases')) continue;
        assert.ok(write.includes('/hostusages/') && write.includes('/status'), write);
        const key = `${String(minute)} ${write}`;
        usages.set(key, (usages.get(key) ?? 0) + 1);
      }
    }
    assert.deepEqual(
      [...usages].filter(([, count]) => count > 1),
      [],
    );
    for (const name of shop) assert.equal(fleet.running(name).length, 1, name);
    assert.equal(fleet.lives().length, shop.length);
    await fleet.stop();
  });
});
