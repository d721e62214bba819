import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLog } from '../../base/log.ts';
import { virtualClock } from '../clock.ts';
import { broadcast } from './channel.ts';
import { guarded, guardedClock, guardedLog } from './guard.ts';
import { newLife } from './life.ts';

interface Port {
  ask(): Promise<string>;
  fail(): Promise<string>;
  inner(): { ask(): Promise<string> };
  events(signal: AbortSignal): AsyncIterable<number>;
}

function bench() {
  const clock = virtualClock(0);
  const life = newLife();
  const events = broadcast<number>();
  const asked: string[] = [];
  const ask = async (): Promise<string> => {
    asked.push('ask');
    await clock.sleep(10);
    return 'answer';
  };
  const fail = async (): Promise<string> => {
    await clock.sleep(10);
    throw new Error('no');
  };
  const port: Port = { ask, fail, inner: () => ({ ask }), events: (signal) => events.read(signal) };
  const settled: string[] = [];
  const note = (name: string, work: Promise<unknown>): void => {
    work
      .then(
        () => settled.push(`${name} fulfilled`),
        () => settled.push(`${name} rejected`),
      )
      .finally(() => settled.push(`${name} finally`));
  };
  return { clock, life, events, asked, settled, note, port: guarded(port, life) };
}

describe('a process that lives', () => {
  test('gets its answers, errors and events as they come', async () => {
    const { clock, events, port } = bench();
    const answers = Promise.all([port.ask(), port.inner().ask(), assert.rejects(port.fail(), /no/)]);
    await clock.advance(10);
    assert.deepEqual((await answers).slice(0, 2), ['answer', 'answer']);
    const reader = port.events(new AbortController().signal)[Symbol.asyncIterator]();
    events.push(1);
    assert.deepEqual(await reader.next(), { done: false, value: 1 });
  });
});

describe('a process that is dead', () => {
  test('hears nothing of what it had asked: no answer, no error, no event, not even a finally', async () => {
    const { clock, life, events, settled, note, port } = bench();
    note('ask', port.ask());
    note('inner', port.inner().ask());
    note('fail', port.fail());
    note('event', port.events(new AbortController().signal)[Symbol.asyncIterator]().next());
    note('sleep', guardedClock(clock, life).sleep(10));
    life.kill();
    events.push(1);
    await clock.advance(100);
    assert.deepEqual(settled, []);
  });

  test('reaches nobody any more, whatever it calls', async () => {
    const { clock, life, asked, settled, note, port } = bench();
    life.kill();
    note('ask', port.ask());
    note('inner', port.inner().ask());
    note('events', takeOne(port.events(new AbortController().signal)));
    note('sleep', guardedClock(clock, life).sleep(1));
    await clock.advance(100);
    assert.deepEqual(asked, []);
    assert.deepEqual(settled, []);
  });

  test('leaves nothing behind: no sleeper, no reader', async () => {
    const { clock, life, note, port } = bench();
    note('sleep', guardedClock(clock, life).sleep(1000));
    guardedClock(clock, life).after(1000, () => assert.fail('called'));
    assert.equal(clock.sleepers(), 2);
    const reading = port.events(new AbortController().signal)[Symbol.asyncIterator]();
    note('event', reading.next());
    life.kill();
    await clock.settle();
    assert.equal(clock.sleepers(), 0);
  });

  test('says nothing', () => {
    const life = newLife();
    const lines: string[] = [];
    const log = guardedLog({ ...silentLog, info: (message) => lines.push(message) }, life);
    log.info('alive');
    life.kill();
    log.info('dead');
    assert.deepEqual(lines, ['alive']);
  });
});

describe('a process that hangs', () => {
  test('gets its answers when it goes on', async () => {
    const { clock, life, settled, note, port } = bench();
    note('ask', port.ask());
    life.freeze();
    await clock.advance(100);
    assert.deepEqual(settled, []);
    life.thaw();
    await clock.settle();
    assert.deepEqual(settled, ['ask fulfilled', 'ask finally']);
  });

  test('does later what was due meanwhile, unless it takes that back first', async () => {
    const { clock, life } = bench();
    const done: string[] = [];
    const own = guardedClock(clock, life);
    own.after(1, () => done.push('due'));
    const cancel = own.after(2, () => done.push('taken back'));
    life.freeze();
    await clock.advance(100);
    assert.deepEqual(done, []);
    cancel();
    life.thaw();
    assert.deepEqual(done, ['due']);
  });

  test('and is killed then gets none', async () => {
    const { clock, life, settled, note, port } = bench();
    note('ask', port.ask());
    life.freeze();
    await clock.advance(100);
    life.kill();
    life.thaw();
    await clock.advance(100);
    assert.deepEqual(settled, []);
  });
});

async function takeOne(events: AsyncIterable<number>): Promise<number | undefined> {
  for await (const event of events) return event;
  return undefined;
}
