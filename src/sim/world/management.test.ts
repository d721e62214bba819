import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConnectionLost, type ApiRequest, type ApiResponse } from '../../meta/control-plane.ts';
import { Stopped } from '../../base/errors.ts';
import { virtualClock } from '../clock.ts';
import { broadcast } from './channel.ts';
import { newLife } from './life.ts';
import { newLink } from './link.ts';
import { overManagement } from './management.ts';

const request: ApiRequest = { method: 'GET', path: '/version', query: [], headers: {} };

function bench() {
  const clock = virtualClock(0);
  const life = newLife();
  const link = newLink();
  const chunks = broadcast<Uint8Array>();
  const signals: AbortSignal[] = [];
  /** Answers after 5 ms with a watch. */
  const server = async (_: ApiRequest, signal: AbortSignal): Promise<ApiResponse> => {
    signals.push(signal);
    await clock.sleep(5, signal);
    return { status: 200, headers: {}, body: chunks.read(signal) };
  };
  const controlPlane = overManagement(server, { life, link, clock, timeoutMs: 10_000 });
  const caller = new AbortController();
  const settled: string[] = [];
  const note = (name: string, work: Promise<unknown>): void => {
    const say = (how: string): void => void settled.push(`${name} ${how} at ${String(clock.monotonic())}`);
    work.then(
      () => {
        say('answered');
      },
      (error: unknown) => {
        say(error instanceof ConnectionLost ? 'lost' : error instanceof Stopped ? 'stopped' : 'failed');
      },
    );
  };
  const ask = (): Promise<ApiResponse> => controlPlane(request, caller.signal);
  return { clock, life, link, chunks, signals, caller, settled, note, ask };
}

async function watching(of: ReturnType<typeof bench>): Promise<AsyncIterator<Uint8Array>> {
  const response = of.ask();
  await of.clock.advance(5);
  return (await response).body[Symbol.asyncIterator]();
}

describe('the API server as an agent reaches it', () => {
  test('answers, and its watches go on', async () => {
    const of = bench();
    const watch = await watching(of);
    of.chunks.push(new Uint8Array([1]));
    assert.deepEqual(await watch.next(), { done: false, value: new Uint8Array([1]) });
    await watch.return?.();
    of.note('next', watch.next());
    await of.clock.settle();
    assert.deepEqual(of.settled, ['next answered at 5']);
  });

  test('is lost after a time when the network is cut, whatever was under way', async () => {
    const of = bench();
    const watch = await watching(of);
    of.note('watch', watch.next());
    of.note('under way', of.ask());
    of.link.break();
    of.note('later', of.ask());
    await of.clock.advance(9_999);
    assert.deepEqual(of.settled, []);
    await of.clock.advance(1);
    assert.deepEqual(of.settled.sort(), ['later lost at 10005', 'under way lost at 10005', 'watch lost at 10005']);
    assert.ok(of.signals.every((signal) => signal.aborted));
  });

  test('answers again once the network is mended; what was sent before stays lost', async () => {
    const of = bench();
    of.note('before', of.ask());
    of.link.break();
    await of.clock.advance(100);
    of.link.mend();
    of.note('after', of.ask());
    await of.clock.advance(20_000);
    assert.deepEqual(of.settled, ['after answered at 105', 'before lost at 10000']);
  });

  test('does not keep waiting whoever gives up by himself', async () => {
    const of = bench();
    of.link.break();
    of.note('ask', of.ask());
    of.caller.abort();
    await of.clock.settle();
    assert.deepEqual(of.settled, ['ask stopped at 0']);
  });

  test('lets go of a dead agent, who hears nothing', async () => {
    const of = bench();
    const watch = await watching(of);
    of.note('watch', watch.next());
    of.note('under way', of.ask());
    of.life.kill();
    of.chunks.push(new Uint8Array([1]));
    await of.clock.advance(20_000);
    assert.deepEqual(of.settled, []);
    assert.deepEqual(
      of.signals.map((signal) => signal.aborted),
      [true, true],
    );
    assert.equal(of.clock.sleepers(), 0);
  });
});
