import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GuestSpec, GuestState } from '../../src/ports/guests.ts';
import type { HostPort } from '../../src/ports/host-port.ts';
import type { Endpoint, MoveMode, MoveOptions, MoveProgress } from '../../src/ports/moves.ts';
import { beating, guestOf, guestSpec, refused, started, tokenFor, type HostBench } from './host-bench.ts';

/** A VM whose guest g1 beats on host a, and g2 of the same VM prepared on b. */
interface Setting {
  readonly source: GuestSpec;
  readonly target: GuestSpec;
  readonly endpoint: Endpoint;
  /** The states of g1 on a and of g2 on b. */
  states(): Promise<(GuestState | undefined)[]>;
  send(options?: Partial<MoveOptions>): AsyncIterable<MoveProgress>;
}

const never = (): Promise<never> => new Promise(() => undefined);
/** So slow that nobody sees the end of it. */
const crawl = 1e5;

async function setting(bench: HostBench): Promise<Setting> {
  const source = await started(bench, 'g1');
  await beating(bench, 'g1');
  const target = twin(source, 'g2');
  const endpoint = await bench.during(bench.b.moves.prepare(target));
  const stateOf = async (host: HostPort, id: string): Promise<GuestState | undefined> => (await guestOf(host, id))?.state;
  return {
    source,
    target,
    endpoint,
    states: async () => [await stateOf(bench.a, 'g1'), await stateOf(bench.b, 'g2')],
    send: (options = {}) =>
      bench.a.moves.send('g1', endpoint, { mode: 'PreCopy', switchOver: () => Promise.resolve(tokenFor(target)), ...options }),
  };
}

function twin(spec: GuestSpec, id: string): GuestSpec {
  return { ...spec, id };
}

async function follow(progress: AsyncIterable<MoveProgress>): Promise<MoveProgress[]> {
  const all: MoveProgress[] = [];
  for await (const item of progress) all.push(item);
  return all;
}

/** Up to the moment at which the source is asked for its word, which it never gives; and nobody reads any more. */
async function untilAsked(bench: HostBench, { send }: Setting, mode: MoveMode = 'PreCopy'): Promise<void> {
  let asked = false;
  const switchOver = (): Promise<never> => {
    asked = true;
    return never();
  };
  const reading = send({ mode, switchOver })[Symbol.asyncIterator]();
  const read = async (): Promise<void> => {
    while ((await reading.next()).done !== true);
  };
  read().catch(() => undefined);
  await bench.until(() => Promise.resolve(asked));
  await reading.return?.();
}

export function movesContract(bench: () => HostBench): void {
  describe('a guest that is prepared', () => {
    prepareContract(bench);
  });
  describe('a guest that is sent', () => {
    sendContract(bench);
    failureContract(bench);
  });
  describe('a guest that stands still for a switch-over', () => {
    standingContract(bench);
    endContract(bench);
  });
}

function prepareContract(bench: () => HostBench): void {
  test('waits, cannot run, and says nothing; prepared again it waits at the same place', async () => {
    const { endpoint, source, target } = await setting(bench());
    const guest = await guestOf(bench().b, 'g2');
    assert.deepEqual([guest?.state, guest?.heartbeat, guest?.spec], ['Incoming', 'Silent', target]);
    assert.deepEqual(await bench().b.guests.sample(), []);
    assert.equal(await bench().during(bench().b.moves.prepare(target)), endpoint);
    await refused(bench().b.moves.activate('g2', tokenFor(target)), 'WrongState');
    await refused(bench().b.moves.goOn('g2', tokenFor(target)), 'WrongState');
    await refused(bench().b.guests.start(target, tokenFor(target)), 'Exists');
    await refused(bench().b.guests.suspend('g2'), 'WrongState');
    await refused(bench().a.moves.prepare(source), 'Exists');
  });

  test('has its room, until it is stopped', async () => {
    const { target } = await setting(bench());
    const { memoryBytes } = await bench().b.inventory();
    const rest = guestSpec(bench(), 'g3', { disks: [], memoryBytes: memoryBytes - bench().guestMemoryBytes + 2 ** 20 });
    await refused(bench().b.moves.prepare(rest), 'NoRoom');
    await refused(bench().b.guests.start(rest, tokenFor(rest)), 'NoRoom');
    await bench().during(bench().b.guests.stop('g2', 'ShutDown'));
    assert.deepEqual(await bench().b.guests.list(), []);
    await bench().during(bench().b.moves.prepare(rest));
    await refused(bench().b.moves.prepare(target), 'NoRoom');
  });

  test('needs its disks', async () => {
    await refused(bench().b.moves.prepare(guestSpec(bench(), 'g1')), 'NotFound');
  });
}

function sendContract(bench: () => HostBench): void {
  for (const mode of ['PreCopy', 'PostCopy', 'Auto'] satisfies MoveMode[]) {
    test(`${mode}: runs at its source, then nowhere, then at its target alone (rule 1)`, async () => {
      const at = await setting(bench());
      const met: unknown[] = [];
      const switchOver: MoveOptions['switchOver'] = async () => {
        met.push(await at.states());
        return tokenFor(at.target);
      };
      const progress = await bench().during(follow(at.send({ mode, switchOver })));
      assert.deepEqual(met, [['Paused', 'Received']]);
      assert.deepEqual(await at.states(), ['Moved', 'Running']);
      const last = progress.at(-1);
      assert.deepEqual([last?.stage, last?.remainingBytes, last?.throttledPercent], ['Done', 0, 0]);
      assert.ok(last !== undefined && last.sentBytes > 0 && (last.downtimeMs ?? 0) > 0);
      assert.ok(mode === 'Auto' || last.postCopy === (mode === 'PostCopy'));
      await bench().until(async () => (await guestOf(bench().b, 'g2'))?.heartbeat === 'Beating');
      await refused(bench().a.moves.goOn('g1', tokenFor(at.source)), 'WrongState');
      await bench().during(bench().a.guests.stop('g1', 'PowerOff'));
      assert.deepEqual(await at.states(), [undefined, 'Running']);
    });
  }

  test('does not move before somebody reads', async () => {
    const at = await setting(bench());
    at.send({ switchOver: () => assert.fail('it was sent') });
    const reading = at.send({ switchOver: () => assert.fail('it was sent') })[Symbol.asyncIterator]();
    await reading.return?.();
    assert.equal((await reading.next()).done, true);
    assert.deepEqual(await at.states(), ['Running', 'Incoming']);
  });

  test('goes on where it is when nobody reads any more, and can be sent again', async () => {
    const at = await setting(bench());
    const reading = at.send({ bytesPerSecond: crawl })[Symbol.asyncIterator]();
    const { value } = await bench().during(reading.next());
    assert.equal(value?.stage, 'Copying');
    await reading.return?.();
    assert.deepEqual(await at.states(), ['Running', 'Incoming']);
    await bench().during(follow(at.send()));
    assert.deepEqual(await at.states(), ['Moved', 'Running']);
  });
}

function failureContract(bench: () => HostBench): void {
  test('goes on where it is when nobody waits where it should go, or another VM', async () => {
    const at = await setting(bench());
    const other = guestSpec(bench(), 'g3', { disks: [] });
    const elsewhere = await bench().during(bench().b.moves.prepare(other));
    const options = { mode: 'PreCopy', switchOver: () => assert.fail('it was sent') } as const;
    await refused(bench().during(follow(bench().a.moves.send('g1', elsewhere, options))), 'WrongState');
    await bench().during(bench().b.guests.stop('g2', 'PowerOff'));
    await refused(bench().during(follow(at.send(options))), 'Unreachable');
    assert.deepEqual(await at.states(), ['Running', undefined]);
  });

  test('goes on where it is when it is given up at the target on the way', async () => {
    const at = await setting(bench());
    const reading = at.send({ bytesPerSecond: crawl })[Symbol.asyncIterator]();
    await bench().during(reading.next());
    await bench().during(bench().b.guests.stop('g2', 'PowerOff'));
    await refused(bench().during(reading.next()), 'Unreachable');
    assert.deepEqual(await at.states(), ['Running', undefined]);
  });

  test('is there, runs, and is sent once at a time', async () => {
    const at = await setting(bench());
    const options = { mode: 'PreCopy', switchOver: never } as const;
    await refused(follow(bench().a.moves.send('nobody', at.endpoint, options)), 'NotFound');
    const first = at.send({ bytesPerSecond: crawl })[Symbol.asyncIterator]();
    await bench().during(first.next());
    await refused(follow(at.send()), 'WrongState');
    await first.return?.();
    await bench().during(bench().a.guests.suspend('g1'));
    await refused(follow(at.send()), 'WrongState');
  });

  test('dies when its power is cut on the way, and nothing of it runs elsewhere', async () => {
    const at = await setting(bench());
    const reading = at.send({ bytesPerSecond: crawl })[Symbol.asyncIterator]();
    await bench().during(reading.next());
    await bench().during(bench().a.guests.stop('g1', 'PowerOff'));
    await refused(bench().during(reading.next()), 'NotFound');
    assert.deepEqual(await at.states(), [undefined, 'Incoming']);
  });

  test('goes on where it is when it is not handed over, or to the wrong one (rule 1)', async () => {
    const at = await setting(bench());
    const refusal = new Error('it stays');
    await assert.rejects(bench().during(follow(at.send({ switchOver: () => Promise.reject(refusal) }))), refusal);
    assert.equal((await at.states())[0], 'Running');
    for (const token of [tokenFor(at.source), { vm: 'another', holder: at.target.id }])
      await refused(bench().during(follow(at.send({ switchOver: () => Promise.resolve(token) }))), 'NotHolder');
    assert.equal((await at.states())[0], 'Running');
    await refused(bench().b.moves.activate('g2', tokenFor(at.target)), 'WrongState');
  });
}

function standingContract(bench: () => HostBench): void {
  test('does so until somebody says where it goes on', async () => {
    const at = await setting(bench());
    await untilAsked(bench(), at);
    assert.deepEqual(await at.states(), ['Paused', 'Received']);
    assert.deepEqual([await bench().a.guests.sample(), await bench().b.guests.sample()], [[], []]);
    assert.equal((await guestOf(bench().a, 'g1'))?.heartbeat, 'Silent');
    await refused(follow(at.send()), 'WrongState');
    await refused(bench().a.guests.suspend('g1'), 'WrongState');
    await refused(bench().b.moves.prepare(at.target), 'Exists');
    await refused(bench().a.moves.goOn('g1', tokenFor(at.target)), 'NotHolder');
    await refused(bench().b.moves.activate('g2', tokenFor(at.source)), 'NotHolder');
    await refused(bench().a.moves.activate('g1', tokenFor(at.source)), 'WrongState');
    await refused(bench().b.moves.goOn('g2', tokenFor(at.target)), 'WrongState');
    await refused(bench().a.moves.goOn('nobody', { vm: 'vm', holder: 'nobody' }), 'NotFound');
    await refused(bench().b.moves.activate('nobody', { vm: 'vm', holder: 'nobody' }), 'NotFound');
    assert.deepEqual(await at.states(), ['Paused', 'Received']);
  });

  test('goes on at the source; what the target has is worth nothing then, and can be sent again', async () => {
    const at = await setting(bench());
    await untilAsked(bench(), at);
    await bench().during(bench().a.moves.goOn('g1', tokenFor(at.source)));
    await bench().during(bench().a.moves.goOn('g1', tokenFor(at.source)));
    await beating(bench(), 'g1');
    await bench().until(async () => (await at.states())[1] === 'Incoming');
    await refused(bench().b.moves.activate('g2', tokenFor(at.target)), 'WrongState');
    await bench().during(follow(at.send()));
    assert.deepEqual(await at.states(), ['Moved', 'Running']);
  });

  for (const mode of ['PreCopy', 'PostCopy'] satisfies MoveMode[]) {
    test(`${mode}: goes on at the target, whatever the source has heard`, async () => {
      const at = await setting(bench());
      await untilAsked(bench(), at, mode);
      await bench().during(bench().b.moves.activate('g2', tokenFor(at.target)));
      await bench().during(bench().b.moves.activate('g2', tokenFor(at.target)));
      await bench().until(async () => (await guestOf(bench().b, 'g2'))?.heartbeat === 'Beating');
      await bench().until(async () => (await at.states())[0] === 'Moved');
      await refused(bench().a.moves.goOn('g1', tokenFor(at.source)), 'WrongState');
    });
  }
}

/** Its memory crawls after it, until `act` is done: then both are stopped. */
async function whileArriving(bench: HostBench, at: Setting, act: () => Promise<void>): Promise<void> {
  const reading = at.send({ mode: 'PostCopy', bytesPerSecond: crawl })[Symbol.asyncIterator]();
  const read = async (): Promise<void> => {
    while ((await reading.next()).done !== true);
  };
  read().catch(() => undefined);
  await bench.until(async () => (await at.states()).join() === 'Moved,Running');
  await act();
  await bench.during(bench.b.guests.stop('g2', 'PowerOff'));
}

function endContract(bench: () => HostBench): void {
  test('is forgotten at the source when it is stopped there, and goes on at the target', async () => {
    const at = await setting(bench());
    await untilAsked(bench(), at);
    await bench().during(bench().a.guests.stop('g1', 'ShutDown'));
    assert.deepEqual(await at.states(), [undefined, 'Received']);
    await bench().during(bench().b.moves.activate('g2', tokenFor(at.target)));
    assert.deepEqual(await at.states(), [undefined, 'Running']);
  });

  test('is forgotten at the target when it is stopped there, and goes on at the source', async () => {
    const at = await setting(bench());
    await untilAsked(bench(), at);
    await bench().during(bench().b.guests.stop('g2', 'PowerOff'));
    assert.deepEqual(await at.states(), ['Paused', undefined]);
    await bench().during(bench().a.moves.goOn('g1', tokenFor(at.source)));
    assert.deepEqual(await at.states(), ['Running', undefined]);
  });

  test('and is stopped at the target while it is handed over there has lost its memory', async () => {
    const at = await setting(bench());
    const switchOver: MoveOptions['switchOver'] = async () => {
      await bench().b.guests.stop('g2', 'PowerOff');
      return tokenFor(at.target);
    };
    await refused(bench().during(follow(at.send({ switchOver }))), 'MemoryLost');
    assert.deepEqual(await at.states(), ['Moved', undefined]);
  });

  test('PostCopy: is not suspended before all of its memory is there', async () => {
    const at = await setting(bench());
    await whileArriving(bench(), at, async () => {
      await refused(bench().during(bench().b.guests.suspend('g2')), 'WrongState');
      assert.deepEqual(await at.states(), ['Moved', 'Running']);
    });
  });

  test('PostCopy: stays at the source until its memory is at the target, however it is stopped there', async () => {
    const at = await setting(bench());
    await untilAsked(bench(), at, 'PostCopy');
    const stopping = bench().a.guests.stop('g1', 'PowerOff');
    await bench().during(bench().b.moves.activate('g2', tokenFor(at.target)));
    await bench().during(stopping);
    assert.deepEqual(await at.states(), [undefined, 'Running']);
  });
}
