// Somebody outside who talks with a VM, as people may ask for: what is seen through the death of its host, with a shadow and without (rule 3).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from '../../../src/api/conversation.ts';
import { parseDuration } from '../../../src/base/time.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { completeRecords } from '../../../src/sim/world/protection/ledger-guest.ts';
import { pairFleet, type PairFleet } from './pairs.ts';

const ref = { namespace: 'shop', name: 'talk' };
const by = { fieldManager: 'person' };

const talk = (fleet: PairFleet, spec: object = {}): Promise<Conversation> =>
  fleet.during(fleet.person.apply(Conversation, ref, { spec: { virtualMachine: 'db', ...spec } }, by));

async function seen(fleet: PairFleet): Promise<Conversation['status']> {
  return (await fleet.during(fleet.person.get(Conversation, ref)))?.status ?? assert.fail('there is no conversation');
}

async function says(fleet: PairFleet, type = 'Ready'): Promise<string> {
  const said = findCondition((await seen(fleet)).conditions, type);
  return `${said?.status ?? ''} ${said?.reason ?? ''}`;
}

const until = (fleet: PairFleet, words: string, ms = 60_000): Promise<void> => fleet.until(async () => (await says(fleet)) === words, ms);

describe('a conversation', () => {
  it('goes on with the shadow where the host dies: a short gap, and nothing that was said is untrue', async () => {
    const fleet = await pairFleet(3, 'wired');
    await fleet.protect();
    await fleet.untilPair('True InStep');
    await talk(fleet);
    await until(fleet, 'True Answered');
    await fleet.clock.advance(5_000);
    const [primary = '', shadow] = (await fleet.places()).split(' ');
    const before = await seen(fleet);
    assert.equal(before.nodeName, primary);
    await fleet.inject('PowerLoss', primary);
    await fleet.clock.advance(15_000);
    const after = await seen(fleet);
    assert.equal(after.nodeName, shadow);
    assert.ok((after.answers ?? 0) > (before.answers ?? 0) + 20);
    assert.equal(after.contradictions, 0);
    const gap = parseDuration(after.longestGap ?? '0s');
    assert.ok(gap > 200 && gap < 2_000, String(gap));
    await fleet.stop();
  });

  it('is begun anew where the VM starts from its disks, and says since when there is silence', async () => {
    const fleet = await pairFleet(2, 'wired');
    await talk(fleet);
    await until(fleet, 'True Answered');
    const host = fleet.where();
    await fleet.inject('PowerLoss', host);
    await until(fleet, 'False NotRunning');
    await fleet.until(() => Promise.resolve(fleet.where() !== '' && fleet.where() !== host), 60_000);
    await until(fleet, 'True Answered');
    const after = await seen(fleet);
    assert.equal(after.contradictions, 0, 'what was acknowledged is on the disk');
    assert.ok(parseDuration(after.longestGap ?? '0s') > 2_000);
    await fleet.stop();
  });

  it('is contradicted by no record that was torn as the power went: nobody was told of that', async () => {
    const fleet = await pairFleet(2, 'wired');
    await talk(fleet);
    await until(fleet, 'True Answered');
    const host = fleet.where();
    const disk = fleet.world().disk({ namespace: 'shop', name: 'db' }, 'root') ?? assert.fail('no disk');
    // Further than the guest comes before the power goes.
    const number = completeRecords(disk.read()).length + 40;
    disk.write(2 * number, { client: 'nobody', request: 1, amount: 1, number, sum: 1, nonce: 1 });
    disk.flush(() => undefined);
    await fleet.clock.advance(1);
    assert.ok(disk.read().has(2 * number));
    await fleet.inject('PowerLoss', host);
    await until(fleet, 'False NotRunning');
    await until(fleet, 'True Answered');
    await fleet.clock.advance(30_000);
    assert.ok(completeRecords(disk.read()).length > number);
    assert.equal(await says(fleet), 'True Answered');
    await fleet.stop();
  });

  it('ends by itself, and is not changed; what there is nothing to talk with is said', async () => {
    const fleet = await pairFleet(1, 'wired');
    await talk(fleet, { duration: '20s' });
    await fleet.until(async () => (await says(fleet, 'Complete')) === 'True Ended', 60_000);
    const { answers } = await seen(fleet);
    await fleet.clock.advance(10_000);
    assert.equal((await seen(fleet)).answers, answers);
    await assert.rejects(talk(fleet, { duration: '30s' }), /a conversation is not changed once begun: make another/);
    for (const [spec, reason] of [
      [{ virtualMachine: 'nobody' }, 'NotRunning'],
      [{ network: 'none' }, 'NoNetwork'],
    ] as const) {
      await fleet.during(fleet.person.delete(Conversation, ref));
      await talk(fleet, spec);
      await until(fleet, `False ${reason}`);
    }
    await fleet.stop();
  });
});
