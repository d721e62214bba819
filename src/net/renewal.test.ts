import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { testClock } from '../sim/test-support.ts';
import { certificates, type Certificates } from './certificates.ts';
import { keepRenewed } from './renewal.ts';
import { memoryDisk } from './test-support.ts';

const day = 86_400_000;
const names = ['127.0.0.1'];

describe('certificates that are kept renewed', () => {
  async function watched(use: (fresh: Certificates) => void = () => undefined) {
    const [clock, disk, stop] = [testClock(), memoryDisk(), new AbortController()];
    const current = await certificates({ disk, names, now: clock.now() });
    let came = Promise.withResolvers<Certificates>();
    const done = keepRenewed(
      {
        disk,
        names,
        clock,
        log: silentLog,
        current,
        use: (fresh) => {
          came.resolve(fresh);
          came = Promise.withResolvers();
          use(fresh);
        },
      },
      stop.signal,
    );
    const end = async (): Promise<void> => {
      stop.abort();
      await done;
      assert.equal(clock.sleepers(), 0);
    };
    return { clock, disk, current, next: () => came.promise, end };
  }

  test('stay until a month before their end, then there are new ones of the same authority, year after year', async () => {
    const { clock, current, next, end } = await watched();
    let [before, fresh] = [current, next()];
    for (let year = 0; year < 3; year++) {
      await clock.advance(before.renewAt - clock.now() - 1);
      assert.equal(await Promise.race([fresh, clock.settle()]), undefined, 'too early');
      await clock.advance(1);
      const now = await fresh;
      assert.equal(now.ca, before.ca);
      assert.ok(Date.parse(new X509Certificate(now.cert).validTo) > clock.now() + 300 * day);
      [before, fresh] = [now, next()];
      // Keys are made in threads of the machine; the next sleep begins when they are.
      while (clock.sleepers() === 0) await clock.settle();
    }
    await end();
  });

  test('are renewed by the wall clock, which goes on while the machine sleeps', async () => {
    const { clock, current, next, end } = await watched();
    const fresh = next();
    clock.jump(340 * day);
    await clock.advance(6 * 3_600_000);
    assert.notEqual((await fresh).cert, current.cert);
    await end();
  });

  test('are offered again when they could not be taken into use', async () => {
    let refusals = 1;
    const { clock, current, next, end } = await watched(() => {
      if (refusals-- > 0) throw new Error('the disk is full');
    });
    const first = next();
    await clock.advance(current.renewAt - clock.now());
    const { cert } = await first;
    const second = next();
    while (clock.sleepers() === 0) await clock.settle();
    await clock.advance(600_000);
    assert.equal((await second).cert, cert);
    await end();
  });
});
