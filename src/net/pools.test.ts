import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Stopped } from '../base/errors.ts';
import { answer, feed, loop, never, request, textOf, type Feed, type Loop } from './test-support.ts';
import { isWatch, undiciControlPlane } from './undici-control-plane.ts';

const watch = request({ path: '/api/v1/pods', query: [['watch', 'true']] });

async function looped(t: TestContext, ...args: Parameters<typeof loop>): Promise<Loop> {
  const made = await loop(...args);
  t.after(() => made.close());
  return made;
}

test('another identity means new connections; what is under way goes on over the old ones, until the transport is closed', async (t) => {
  const feeds: Feed[] = [];
  const { serving, certificates } = await looped(t, async (asked, signal) => {
    if (!isWatch(asked)) return answer('pong');
    const fed = feed(signal);
    feeds.push(fed);
    return { status: 200, headers: {}, body: fed.body };
  });
  let identity = {};
  const { controlPlane, close } = undiciControlPlane({
    server: serving.url,
    ca: certificates.ca,
    identity: () => Promise.resolve(identity),
  });
  const { body } = await controlPlane(watch, never);
  const reader = body[Symbol.asyncIterator]();
  identity = { cert: certificates.cert, key: certificates.key };
  assert.equal(await textOf((await controlPlane(request(), never)).body), 'pong');
  feeds[0]?.send('still here');
  const { value } = (await reader.next()) as IteratorYieldResult<Uint8Array>;
  assert.equal(Buffer.from(value).toString(), 'still here');
  await close();
  await assert.rejects(reader.next(), Stopped);
});

test('a server that does not believe who we are is told to whoever keeps the credentials', async (t) => {
  let refusals = 0;
  const refused = (): void => void (refusals += 1);
  const { transport } = await looped(t, async ({ path }) => answer('', {}, path === '/no' ? 401 : 403), {}, { refused });
  await textOf((await transport.controlPlane(request(), never)).body);
  assert.equal(refusals, 0);
  await textOf((await transport.controlPlane(request({ path: '/no' }), never)).body);
  assert.equal(refusals, 1);
});
