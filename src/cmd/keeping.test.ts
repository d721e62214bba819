import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keeping } from './keeping.ts';

it('what was found is kept for a while, whoever asks in the meantime waits for the same answer, and a failure is not kept', async () => {
  let now = 0;
  const asked: PromiseWithResolvers<string>[] = [];
  const kept = keeping(
    () => {
      const answer = Promise.withResolvers<string>();
      asked.push(answer);
      return answer.promise;
    },
    { clock: { monotonic: () => now }, keepMs: 10 },
  );
  const [first, second] = [kept.now(), kept.now()];
  now = 100;
  const third = kept.now();
  asked[0]?.resolve('a');
  assert.deepEqual(await Promise.all([first, second, third, kept.now()]), ['a', 'a', 'a', 'a']);
  now = 110;
  const failing = kept.now();
  asked[1]?.reject(new Error('no'));
  await assert.rejects(failing, /no/);
  const again = kept.now();
  asked[2]?.resolve('b');
  assert.equal(await again, 'b');
  assert.equal(await kept.now(), 'b');
  kept.forget();
  void kept.now();
  assert.equal(asked.length, 4);
});
