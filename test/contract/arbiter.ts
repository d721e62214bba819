import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Arbiter, Holder, VmKey } from '../../src/ports/arbiter.ts';

/** Two hosts, `a` and `b`, that reach the same arbiters. */
export interface ArbiterBench {
  at(host: 'a' | 'b', vm: VmKey): Arbiter;
  /** What counts as taken through the host. */
  held(host: 'a' | 'b'): Promise<readonly { readonly vm: VmKey; readonly holder: Holder }[]>;
  dispose(): Promise<void>;
}

/** What Arbiter in src/ports promises, held against one implementation. */
export function arbiterContract(name: string, make: () => Promise<ArbiterBench>): void {
  describe(`${name} keeps the contract of Arbiter`, () => {
    let bench: ArbiterBench;
    beforeEach(async () => {
      bench = await make();
    });
    afterEach(() => bench.dispose());
    takingContract(() => bench);
    handingOverContract(() => bench);
    successionContract(() => bench);
  });
}

function takingContract(bench: () => ArbiterBench): void {
  test('gives a free VM to whoever asks first, on whichever host (rule 1)', async () => {
    const one = bench().at('a', 'vm');
    const other = bench().at('b', 'vm');
    const answers = await Promise.all([one.testAndSet('vm', undefined, 'x'), other.testAndSet('vm', undefined, 'y')]);
    const winners = answers.filter((answer) => answer.won);
    assert.equal(winners.length, 1);
    const holder = winners[0]?.holder;
    for (const answer of answers) assert.equal(answer.holder, holder);
    assert.equal(await one.holder('vm'), holder);
    assert.equal(await other.holder('vm'), holder);
  });

  test('takes a repeat for a win, and a wrong guess for a loss', async () => {
    const arbiter = bench().at('a', 'vm');
    await arbiter.testAndSet('vm', undefined, 'x');
    assert.deepEqual(await arbiter.testAndSet('vm', undefined, 'x'), { won: true, holder: 'x' });
    assert.deepEqual(await arbiter.testAndSet('vm', undefined, 'y'), { won: false, holder: 'x' });
    assert.deepEqual(await arbiter.testAndSet('vm', 'y', 'z'), { won: false, holder: 'x' });
    assert.deepEqual(await arbiter.testAndSet('vm', 'x', 'y'), { won: true, holder: 'y' });
  });

  test('sets a VM free, once and again', async () => {
    const arbiter = bench().at('a', 'vm');
    await arbiter.testAndSet('vm', undefined, 'x');
    assert.deepEqual(await arbiter.testAndSet('vm', 'y', undefined), { won: false, holder: 'x' });
    assert.deepEqual(await arbiter.testAndSet('vm', 'x', undefined), { won: true, holder: undefined });
    assert.deepEqual(await arbiter.testAndSet('vm', 'x', undefined), { won: true, holder: undefined });
    assert.equal(await arbiter.holder('vm'), undefined);
  });

  test('keeps VMs apart', async () => {
    await bench().at('a', 'one').testAndSet('one', undefined, 'x');
    assert.equal(await bench().at('a', 'two').holder('two'), undefined);
  });

  test('says through which host each VM was taken last', async () => {
    await bench().at('a', 'one').testAndSet('one', undefined, 'x');
    await bench().at('a', 'two').testAndSet('two', undefined, 'y');
    await bench().at('b', 'three').testAndSet('three', undefined, 'z');
    await bench().at('a', 'two').testAndSet('two', 'y', undefined);
    assert.deepEqual(await bench().held('a'), [{ vm: 'one', holder: 'x' }]);
    await bench().at('b', 'one').testAndSet('one', 'x', 'w');
    assert.deepEqual(await bench().held('a'), []);
    assert.deepEqual((await bench().held('b')).map(({ vm, holder }) => [vm, holder]).sort(), [
      ['one', 'w'],
      ['three', 'z'],
    ]);
  });
}

function handingOverContract(bench: () => ArbiterBench): void {
  test('what is handed over counts as taken through the host that it went to', async () => {
    const source = bench().at('a', 'vm');
    await source.testAndSet('vm', undefined, 'x');
    assert.deepEqual(await source.handOver('vm', 'x', { holder: 'y', host: 'b' }), { won: true, holder: 'y' });
    assert.equal(await bench().at('b', 'vm').holder('vm'), 'y');
    assert.deepEqual(await bench().held('a'), []);
    assert.deepEqual(await bench().held('b'), [{ vm: 'vm', holder: 'y' }]);
  });

  test('is handed over by its holder alone, once and again', async () => {
    const source = bench().at('a', 'vm');
    const to = { holder: 'y', host: 'b' };
    assert.deepEqual(await source.handOver('vm', 'x', to), { won: false, holder: undefined });
    await source.testAndSet('vm', undefined, 'w');
    assert.deepEqual(await source.handOver('vm', 'x', to), { won: false, holder: 'w' });
    assert.deepEqual(await source.handOver('vm', 'w', to), { won: true, holder: 'y' });
    assert.deepEqual(await source.handOver('vm', 'w', to), { won: true, holder: 'y' });
  });

  test('is confirmed to its holder alone, and never takes what is free', async () => {
    const arbiter = bench().at('a', 'vm');
    assert.deepEqual(await arbiter.confirm('vm', 'x'), { won: false, holder: undefined });
    assert.equal(await arbiter.holder('vm'), undefined);
    await arbiter.testAndSet('vm', undefined, 'x');
    assert.deepEqual(await arbiter.confirm('vm', 'x'), { won: true, holder: 'x' });
    assert.deepEqual(await arbiter.confirm('vm', 'y'), { won: false, holder: 'x' });
    assert.deepEqual(await bench().held('a'), [{ vm: 'vm', holder: 'x' }]);
  });
}

function successionContract(bench: () => ArbiterBench): void {
  test('its heir alone succeeds, through the host that it says, once and again', async () => {
    const primary = bench().at('a', 'vm');
    const shadow = bench().at('b', 'vm');
    await primary.testAndSet('vm', undefined, 'x');
    assert.deepEqual(await shadow.succeed('vm', 'y', 'b'), { won: false, holder: 'x' });
    assert.deepEqual(await primary.appoint('vm', 'x', 'y'), { won: true, holder: 'x' });
    assert.deepEqual(await primary.appoint('vm', 'x', 'y'), { won: true, holder: 'x' });
    assert.deepEqual(await shadow.succeed('vm', 'z', 'b'), { won: false, holder: 'x' });
    assert.deepEqual(await shadow.succeed('vm', 'y', 'b'), { won: true, holder: 'y' });
    assert.deepEqual(await shadow.succeed('vm', 'y', 'b'), { won: true, holder: 'y' });
    assert.deepEqual([await bench().held('a'), await bench().held('b')], [[], [{ vm: 'vm', holder: 'y' }]]);
  });

  test('an heir is appointed by the holder alone, and is none of a free VM', async () => {
    const arbiter = bench().at('a', 'vm');
    assert.deepEqual(await arbiter.appoint('vm', 'x', 'y'), { won: false, holder: undefined });
    assert.deepEqual(await arbiter.succeed('vm', 'y', 'b'), { won: false, holder: undefined });
    await arbiter.testAndSet('vm', undefined, 'w');
    assert.deepEqual(await arbiter.appoint('vm', 'x', 'y'), { won: false, holder: 'w' });
    assert.deepEqual(await arbiter.succeed('vm', 'y', 'b'), { won: false, holder: 'w' });
  });

  test('who appoints nobody goes on alone, or was succeeded: one of them wins (rule 1)', async () => {
    for (const [vm, first] of [
      ['one', 'holder'],
      ['other', 'heir'],
    ] as const) {
      const primary = bench().at('a', vm);
      await primary.testAndSet(vm, undefined, 'x');
      await primary.appoint(vm, 'x', 'y');
      const alone = (): Promise<unknown> => primary.appoint(vm, 'x', undefined);
      const succeed = (): Promise<unknown> => bench().at('b', vm).succeed(vm, 'y', 'b');
      const turns = first === 'holder' ? [alone, succeed] : [succeed, alone];
      const holder = first === 'holder' ? 'x' : 'y';
      const answers: unknown[] = [];
      for (const turn of turns) answers.push(await turn());
      assert.deepEqual(answers, [
        { won: true, holder },
        { won: false, holder },
      ]);
    }
  });

  test('both at once: exactly one wins (rule 1)', async () => {
    const primary = bench().at('a', 'vm');
    await primary.testAndSet('vm', undefined, 'x');
    await primary.appoint('vm', 'x', 'y');
    const answers = await Promise.all([bench().at('b', 'vm').succeed('vm', 'y', 'b'), primary.appoint('vm', 'x', undefined)]);
    assert.equal(answers.filter(({ won }) => won).length, 1);
  });

  test('a new holder has no heir; confirmed, the old one keeps its own', async () => {
    const arbiter = bench().at('a', 'vm');
    await arbiter.testAndSet('vm', undefined, 'x');
    await arbiter.appoint('vm', 'x', 'y');
    await arbiter.testAndSet('vm', 'x', 'w');
    assert.deepEqual(await arbiter.succeed('vm', 'y', 'b'), { won: false, holder: 'w' });
    await arbiter.appoint('vm', 'w', 'y');
    await arbiter.handOver('vm', 'w', { holder: 'v', host: 'b' });
    assert.deepEqual(await arbiter.succeed('vm', 'y', 'b'), { won: false, holder: 'v' });
    await arbiter.appoint('vm', 'v', 'y');
    await arbiter.confirm('vm', 'v');
    assert.deepEqual(await arbiter.succeed('vm', 'y', 'b'), { won: true, holder: 'y' });
    assert.deepEqual(await arbiter.succeed('vm', 'v', 'a'), { won: false, holder: 'y' });
  });
}
