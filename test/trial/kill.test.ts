// Whenever the process dies, what it acknowledged is kept, and no VM runs twice afterwards.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { Stopped } from '../../src/base/errors.ts';
import { seededRandom, type Random } from '../../src/base/random.ts';
import type { Client } from '../../src/kube/types.ts';
import { ConnectionLost } from '../../src/meta/control-plane.ts';
import { readJournal } from '../../src/sim/journal.ts';
import { livesFrom } from '../../src/sim/lives.ts';
import { scratch } from '../e2e/programs.ts';
import { full } from '../tools/full.ts';
import { clock, createVm, drive, isReady, makeHosts, namespace, slay, until, vms, type Driven } from './driven.ts';
import { brokenPromises, ledger, namesThat, settle, type Ledger } from './ledger.ts';

const machines = 200;
const kills = full ? 50 : process.env['CI'] === undefined ? 3 : 10;
const workers = 8;

interface Play {
  readonly kube: Client;
  readonly book: Ledger;
  readonly random: Random;
  /** VMs that this round may make. */
  budget: number;
  answers: number;
  killed: boolean;
}

/** One request: a create while the budget lasts, or the delete of something that is there. False when there is nothing to do. */
async function request(play: Play): Promise<boolean> {
  const { kube, book, random } = play;
  const there = namesThat(book, 'there');
  if (play.budget > 0 && (there.length === 0 || random.next() < 0.7)) {
    play.budget -= 1;
    const name = `vm-${String(book.known.size + 1)}`;
    book.known.set(name, 'creating');
    const made = await createVm(kube, name);
    book.known.set(name, 'there');
    book.uids.set(name, made.metadata.uid);
    return true;
  }
  const name = there[random.integer(there.length)];
  if (name === undefined || play.budget <= 0) return false;
  book.known.set(name, 'deleting');
  assert.ok(await kube.delete(VirtualMachine, { name, namespace }), `${name} was there and is not found`);
  book.known.set(name, 'leaving');
  return true;
}

async function work(play: Play): Promise<void> {
  try {
    while (await request(play)) play.answers += 1;
  } catch (error) {
    // After the kill nobody knows what became of it; before, every request has an answer.
    if (!play.killed || !(error instanceof ConnectionLost || error instanceof Stopped)) throw error;
  }
}

/** Marks what has left for good, so that its return would be noticed. */
async function notice({ kube, book }: Play): Promise<void> {
  const leaving = namesThat(book, 'leaving');
  const found = new Set((await vms(kube)).map((vm) => vm.metadata.name));
  for (const name of leaving) if (!found.has(name)) book.known.set(name, 'gone');
}

/** Plays requests, and kills the process after some of them, at any point of the next ones and of the work that they caused. */
async function playAndKill(driven: Driven, play: Play): Promise<void> {
  const after = play.random.integer(play.budget);
  const pause = play.random.integer(300);
  const working = Promise.all(Array.from({ length: workers }, () => work(play)));
  await Promise.race([working, until(async () => (play.answers >= after ? [] : ['some answers']), 'requests')]);
  await notice(play);
  await clock.sleep(pause, new AbortController().signal);
  play.killed = true;
  await Promise.all([driven.kill(), working]);
}

async function converged(kube: Client, book: Ledger): Promise<void> {
  await until(async () => {
    const found = await vms(kube);
    const wrong = found.filter((vm) => book.known.get(vm.metadata.name) !== 'there' || !isReady(vm));
    return wrong.map((vm) => `${vm.metadata.name} ${vm.status.phase ?? '-'} ${JSON.stringify(vm.status.conditions)}`);
  }, 'all Ready or gone');
  assert.deepEqual(brokenPromises(book, await vms(kube)), []);
}

/** The world's own record: one life at an instant for each VM, and now one for each that is Ready. */
async function judge(directory: string, kube: Client): Promise<number> {
  const expected = (await vms(kube)).map((vm) => vm.metadata.uid).sort();
  const text = await readFile(join(directory, 'world/world.log'), 'utf8');
  const { lives, violations } = livesFrom(text);
  assert.deepEqual(violations, []);
  const running = lives.filter((life) => life.to === undefined).map((life) => life.vm);
  assert.deepEqual(running.sort(), expected);
  assert.equal(readJournal(text).entries.filter((entry) => entry.type === 'WorldStarted').length, kills + 1);
  return lives.length;
}

it(`killed ${String(kills)} times while ${String(machines)} VMs come and go: nothing acknowledged is lost, no VM runs twice`, async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`SEED=${String(seed)}`);
  const random = seededRandom(seed);
  const room = await scratch();
  const book = ledger();
  let driven = await drive(room.path, '--empty', '--hosts', '0');
  const playOf = (budget: number): Play => ({ kube: driven.client, book, random, budget, answers: 0, killed: false });
  try {
    await makeHosts(driven.client, 20);
    for (let kill = 0; kill < kills; kill++) {
      // Every other time all that was made runs before more is asked for, so that running guests lose their power too.
      if (kill % 2 === 1) await converged(driven.client, book);
      await playAndKill(driven, playOf(Math.ceil((machines * 0.75) / kills)));
      driven = await drive(room.path, '--empty');
      const found = await vms(driven.client);
      assert.deepEqual(brokenPromises(book, found), [], `SEED=${String(seed)}, after kill ${String(kill + 1)}`);
      settle(book, found);
    }
    await work(playOf(machines - book.known.size));
    await converged(driven.client, book);
    const lives = await judge(room.path, driven.client);
    t.diagnostic(`${String(namesThat(book, 'there').length)} Ready, ${String(book.known.size)} made, ${String(lives)} lives`);
    assert.equal(await driven.stop(), 0, driven.process.output());
  } catch (error) {
    throw new Error(`SEED=${String(seed)}\n${driven.process.output().slice(-3000)}`, { cause: error });
  } finally {
    await slay(driven.process);
    await room.done();
  }
});
