import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Stopped } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import type { MemoryDisk } from '../../sim/disk.ts';
import { memoryDisk } from '../../sim/disk.ts';
import { openStore } from './store.ts';
import type { Given } from './test-support.ts';
import { drained, noneGiven, noting, settle, standing, stillClock, thing } from './test-support.ts';
import type { Change, Store } from './types.ts';
import { Compacted, Conflict, StorageFailed } from './types.ts';

type Step =
  | { readonly do: 'write' | 'remove'; readonly key: string; readonly stale: boolean }
  | { readonly do: 'turns'; readonly count: number }
  | { readonly do: 'settle' | 'reopen' | 'compact' | 'check' }
  | { readonly do: 'crash'; readonly power: 'kept' | 'lost' }
  | { readonly do: 'room'; readonly bytes: number };

const key = fc.constantFrom('/a', '/a/1', '/b', '/c');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom('write' as const, 'write' as const, 'remove' as const), key, stale: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turns' as const), count: fc.nat(40) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'reopen' as const, 'compact' as const, 'check' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const), power: fc.constantFrom('kept' as const, 'lost' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('room' as const), bytes: fc.nat(1000) }) },
);

type State = ReadonlyMap<string, unknown>;

/** What the model knows: the states that were visible, and what is under way. */
interface World {
  readonly machine: MemoryDisk;
  readonly given: Given;
  store: Store;
  /** Told by a watch that never ends, as long as its process lives. */
  heard: Change[];
  /** Each revision that was seen as the newest, and what was visible then. */
  states: Map<number, State>;
  /** Writes that have not settled: what they would leave at their key. */
  underWay: Map<number, { readonly key: string; readonly n: number | undefined }>;
  count: number;
  /** What went wrong where nobody waits. */
  readonly faults: unknown[];
}

function open(machine: MemoryDisk, given: Given): Promise<Store> {
  return openStore(noting(machine.mount(), given), {
    clock: stillClock(),
    history: { changes: 12, milliseconds: 0, most: 12 },
    tolerated: 3000,
  });
}

/** Each call to the disk takes a few turns, so that everything else can happen within. */
async function begin(seed: number): Promise<World> {
  const random = seededRandom(seed);
  const pause = async (): Promise<void> => {
    for (let turns = random.integer(4); turns > 0; turns--) await Promise.resolve();
  };
  const machine = memoryDisk({ random, pause });
  const given = noneGiven();
  const world: World = {
    machine,
    given,
    store: await open(machine, given),
    heard: [],
    states: new Map(),
    underWay: new Map(),
    count: 0,
    faults: [],
  };
  listen(world);
  return world;
}

function listen(world: World): void {
  const heard: Change[] = (world.heard = []);
  const watch = world.store.watch('', world.store.revision());
  const before = standing(world.store);
  world.states.set(world.store.revision(), before);
  void (async () => {
    const state = new Map(before);
    for await (const changes of watch) {
      for (const change of changes) {
        heard.push(change);
        apply(state, change);
        world.states.set(change.revision, new Map(state));
      }
    }
  })().catch((error: unknown) => world.faults.push(error));
}

function apply(state: Map<string, unknown>, { type, key, object, before }: Change): void {
  assert.equal(before?.object['n'], state.get(key));
  assert.equal(type, type === 'DELETED' ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED');
  if (type === 'DELETED') assert.ok(state.delete(key));
  else state.set(key, object.object['n']);
}

function attempt(world: World, what: 'write' | 'remove', key: string, stale: boolean): void {
  const id = ++world.count;
  const { store } = world;
  const current = store.get(key);
  const from = (current?.revision ?? 1) - (stale ? 1 : 0);
  const call =
    what === 'write'
      ? store.put(key, current === undefined && !stale ? 'absent' : from, thing(key, id))
      : store.remove(key, from, thing(key, id));
  world.underWay.set(id, { key, n: what === 'write' ? id : undefined });
  const settled = (): void => void world.underWay.delete(id);
  call.then(
    (stored) => {
      settled();
      if (stale) world.faults.push('a stale write went through');
      if (store.revision() < stored.revision) world.faults.push('a write settled before it was visible');
    },
    (error: unknown) => {
      settled();
      if (!isExpected(error)) world.faults.push(error);
    },
  );
}

function isExpected(error: unknown): boolean {
  return error instanceof Conflict || error instanceof StorageFailed || error instanceof Stopped;
}

async function crash(world: World, power: 'kept' | 'lost'): Promise<void> {
  world.machine.crash(power);
  world.machine.resize(Infinity);
  const visible = standing(world.store);
  const revision = world.store.revision();
  const underWay = [...world.underWay.values()];
  world.underWay = new Map();
  world.store = await open(world.machine, world.given);
  const found = standing(world.store);
  for (const key of new Set([...visible.keys(), ...found.keys()])) {
    const possible = [visible.get(key), ...underWay.filter((one) => one.key === key).map(({ n }) => n)];
    assert.ok(possible.includes(found.get(key)), `${key}: ${String(found.get(key))} is none of ${possible.join(', ')}`);
  }
  assert.ok(world.store.revision() >= revision);
  if (world.store.revision() === revision) assert.deepEqual(found, visible);
  listen(world);
}

/** Every kept revision can be listed as it was, and a watch from it tells what has changed since. */
async function check(world: World): Promise<void> {
  const { store } = world;
  const now = standing(store);
  for (const [revision, state] of world.states) {
    if (revision < store.compactedAt()) {
      assert.throws(() => store.list('', { at: revision }), Compacted);
      assert.throws(() => store.watch('', revision), Compacted);
      continue;
    }
    const past = store.list('', { at: revision }).items;
    assert.deepEqual(new Map(past.map(({ key, object }) => [key, object['n']])), state);
    const replayed = new Map(state);
    let last = revision;
    const changes = await drained(store.watch('', revision));
    for (const change of changes.filter((one) => one.revision <= store.revision())) {
      assert.ok(change.revision > last);
      last = change.revision;
      apply(replayed, change);
    }
    assert.deepEqual(replayed, now);
    const some = await drained(store.watch('/a', revision));
    assert.deepEqual(
      some,
      changes.filter(({ key }) => key.startsWith('/a')),
    );
  }
}

async function take(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'write':
    case 'remove':
      attempt(world, step.do, step.key, step.stale);
      return;
    case 'turns':
      for (let turn = 0; turn < step.count; turn++) await Promise.resolve();
      return;
    case 'settle':
      return settle();
    case 'check':
      await settle();
      return check(world);
    case 'compact': {
      const revision = world.store.compactedAt() + Math.ceil((world.store.revision() - world.store.compactedAt()) / 2);
      world.store.compact(revision).catch((error: unknown) => {
        if (!isExpected(error)) world.faults.push(error);
      });
      return;
    }
    case 'room':
      world.machine.resize(world.machine.used() + step.bytes);
      return;
    case 'reopen':
      world.machine.resize(Infinity);
      await world.store.close();
      return crash(world, 'kept');
    case 'crash':
      return crash(world, step.power);
  }
}

// The store against a map: acknowledged writes are there, others wholly there or wholly absent, no revision comes twice,
// and each kept revision is listed and watched from exactly.
test('whatever is written, crashes, fills up and is compacted, in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), fc.nat(), async (steps, seed) => {
      const world = await begin(seed);
      for (const step of steps) await take(world, step);
      await settle();
      assert.equal(world.underWay.size, 0, 'a write never settled');
      await check(world);
      await crash(world, 'lost');
      await check(world);
      assert.deepEqual(world.faults, []);
      assert.deepEqual(world.given.repeated, []);
    }),
    { numRuns: 150 },
  );
});
