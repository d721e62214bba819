import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { ConnectionLost, type ApiResponse, type ControlPlane } from '../../meta/control-plane.ts';
import { isPortError } from '../../ports/errors.ts';
import { Observer } from '../observer.ts';
import { bmcOf } from '../world/bmc.ts';
import { withHosts, worldBench, type WorldBench } from '../world/test-support.ts';
import { followSite } from './follow.ts';
import { siteServer } from './site-server.ts';

const token = 'shown';

/** Answers of a site, to whoever shows `as`. */
function siteOf(bench: WorldBench, as = token): ControlPlane {
  const site = siteServer({ world: bench.world, clock: bench.clock, token });
  return (request, signal) => site({ ...request, headers: { ...request.headers, authorization: `Bearer ${as}` } }, signal);
}

/** A world of three hosts, and an operator in another process that follows it over a line which can be cut or held. */
async function link() {
  const bench = await worldBench();
  await withHosts(bench, 'a', 'b', 'c');
  const observer = new Observer({ clock: bench.clock });
  const line = { isUp: true, isHeld: false, cut: new AbortController() };
  const site: ControlPlane = async (request, signal) => {
    if (!line.isUp) throw new ConnectionLost('the line is cut');
    const answer = await siteOf(bench)(request, AbortSignal.any([signal, line.cut.signal]));
    return { ...answer, body: held(answer.body) };
  };
  async function* held(body: ApiResponse['body']): ApiResponse['body'] {
    for await (const chunk of body) if (!line.isHeld) yield chunk;
  }
  const stopping = new AbortController();
  const runtime = { id: 'operator', clock: bench.clock, random: seededRandom(1), log: silentLog, stopping: stopping.signal };
  const done = followSite({ runtime, observer, find: () => Promise.resolve({ site, close: () => Promise.resolve() }) });
  await bench.clock.advance(2_000);
  const silent = (host: string): boolean => observer.pulse.signs(host).silentMs > 1_500;
  return { bench, observer, line, silent, end: () => (stopping.abort(), done) };
}

describe('hosts in another process', () => {
  it('are heard as those beside us: beats, answers, datastores, and who hears whom', async () => {
    const { bench, observer, silent, end } = await link();
    assert.deepEqual(['a', 'b', 'c'].map(silent), [false, false, false]);
    await bench.during(bench.world.inject({ type: 'PowerLoss', host: 'a' }));
    await bench.during(bench.world.inject({ type: 'ManagementPartition', host: 'b' }));
    await bench.clock.advance(5_000);
    assert.deepEqual(['a', 'b', 'c'].map(silent), [true, true, false]);
    const beside = new Observer({ clock: bench.clock });
    beside.connect(bench.world);
    for (const host of ['a', 'b', 'c']) {
      const { pings, byPeers } = observer.pulse.signs(host);
      assert.deepEqual({ pings, byPeers }, { pings: beside.pulse.signs(host).pings, byPeers: beside.pulse.signs(host).byPeers }, host);
    }
    await end();
  });

  it('are all silent while the line is cut, and heard again after it', async () => {
    const { bench, line, silent, end } = await link();
    line.isUp = false;
    line.cut.abort();
    await bench.clock.advance(5_000);
    assert.deepEqual(['a', 'b', 'c'].map(silent), [true, true, true]);
    line.isUp = true;
    line.cut = new AbortController();
    await bench.clock.advance(2_000);
    assert.deepEqual(['a', 'b', 'c'].map(silent), [false, false, false]);
    await end();
  });

  it('are silent when nothing comes any more, though nobody says that the line is broken', async () => {
    const { bench, line, silent, end } = await link();
    line.isHeld = true;
    await bench.clock.advance(10_000);
    assert.deepEqual(['a', 'b', 'c'].map(silent), [true, true, true]);
    line.isHeld = false;
    await bench.clock.advance(5_000);
    assert.deepEqual(['a', 'b', 'c'].map(silent), [false, false, false]);
    await end();
  });

  it('are switched off and on by their BMCs, which say so once it is done', async () => {
    const { bench, observer, silent, end } = await link();
    await bench.during(observer.power.set(bmcOf('a'), 'Off'));
    assert.equal(bench.world.hostState('a')?.running, false);
    assert.equal(await bench.during(observer.power.state(bmcOf('a'))), 'Off');
    await bench.during(observer.power.set(bmcOf('a'), 'On'));
    await bench.clock.advance(120_000);
    assert.equal(silent('a'), false);
    await end();
  });

  it('have BMCs that do not answer, and hosts that get no power: each no keeps its reason', async () => {
    const { bench, observer, line, end } = await link();
    await bench.during(bench.world.inject({ type: 'BMCFailure', host: 'a' }));
    await assert.rejects(bench.during(observer.power.state(bmcOf('a'))), (error) => isPortError(error, 'Unreachable'));
    await bench.during(bench.world.inject({ type: 'PowerLoss', host: 'b' }));
    await assert.rejects(bench.during(observer.power.set(bmcOf('b'), 'On')), (error) => isPortError(error, 'Failed'));
    line.isUp = false;
    await assert.rejects(bench.during(observer.power.state(bmcOf('c'))), (error) => isPortError(error, 'Unreachable'));
    await end();
  });
});

describe('a site', () => {
  const never = new AbortController().signal;

  it('tells nothing to, and does nothing for, who does not show its token', async () => {
    const bench = await worldBench();
    await withHosts(bench, 'a');
    const stranger = siteOf(bench, 'guessed');
    const asked = { query: [['address', bmcOf('a').address]] as const, headers: {} };
    assert.equal((await stranger({ method: 'GET', path: '/hosts', ...asked }, never)).status, 401);
    const body = new TextEncoder().encode('{"to":"Off"}');
    assert.equal((await bench.during(stranger({ method: 'PUT', path: '/bmcs', ...asked, body }, never))).status, 401);
    assert.equal(bench.world.hostState('a')?.running, true);
  });

  it('sends away what it does not understand', async () => {
    const bench = await worldBench();
    const ask = async (method: 'GET' | 'PUT' | 'POST', path: string, text?: string): Promise<number> => {
      const body = text === undefined ? {} : { body: new TextEncoder().encode(text) };
      return (await siteOf(bench)({ method, path, query: [['address', 'x']], headers: {}, ...body }, never)).status;
    };
    assert.deepEqual(
      [await ask('PUT', '/bmcs', '{"to":"Sideways"}'), await ask('PUT', '/bmcs', 'Off'), await ask('POST', '/bmcs'), await ask('GET', '/')],
      [400, 400, 400, 404],
    );
  });
});
