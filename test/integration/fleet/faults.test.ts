import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Host } from '../../../src/api/host.ts';
import { Node } from '../../../src/meta/core.ts';
import { says, startFleet, type Fleet } from './fleet.ts';

async function hostOf(fleet: Fleet, name: string): Promise<string> {
  return (await fleet.vm(name)).status.nodeName ?? assert.fail(`${name} is nowhere`);
}

async function hostNamed(fleet: Fleet, name: string): Promise<Host> {
  return (await fleet.during(fleet.person.get(Host, { name }))) ?? assert.fail(`there is no Host ${name}`);
}

async function readyWords(fleet: Fleet, vm: string, host: string): Promise<string[]> {
  return [says(await fleet.vm(vm), 'Ready'), says(await hostNamed(fleet, host), 'Ready')];
}

async function running(...names: readonly string[]): Promise<Fleet> {
  const fleet = await startFleet(3);
  for (const name of names) await fleet.makeVm(name);
  await fleet.untilReady(...names);
  await fleet.clock.advance(30_000);
  return fleet;
}

describe('faults of a rack', () => {
  test('AgentCrash: with the agent back within its lease nothing has changed for any guest', async () => {
    const fleet = await running('web', 'db');
    const host = await hostOf(fleet, 'web');
    const before = { instance: await fleet.instance('web'), lives: fleet.lives(), ready: (await fleet.vm('web')).status.conditions };
    assert.ok(before.instance.status.startedAt !== undefined);
    await fleet.makeFault('crash', { type: 'AgentCrash', nodeName: host, duration: '20s' });
    for (let second = 0; second < 90; second++) {
      await fleet.clock.advance(1000);
      assert.deepEqual(await readyWords(fleet, 'web', host), ['Ready=True Running', 'Ready=True AgentAnswers']);
    }
    assert.equal(says((await fleet.fault('crash')) ?? assert.fail(), 'Complete').split(' ')[0], 'Complete=True');
    const { metadata, spec, status } = await fleet.instance('web');
    assert.equal(metadata.uid, before.instance.metadata.uid);
    assert.equal(spec.incarnation, before.instance.spec.incarnation);
    assert.equal(status.startedAt, before.instance.status.startedAt);
    assert.deepEqual((await fleet.vm('web')).status.conditions, before.ready);
    assert.deepEqual(fleet.lives(), before.lives);
    await fleet.stop();
  });

  test('AgentCrash past the lease: VM and Host are Unknown, and True again with the same guest when the agent is back', async () => {
    const fleet = await running('web');
    const host = await hostOf(fleet, 'web');
    const before = await fleet.instance('web');
    await fleet.makeFault('crash', { type: 'AgentCrash', nodeName: host, duration: '2m' });
    await fleet.clock.advance(45_000);
    assert.deepEqual(await readyWords(fleet, 'web', host), ['Ready=Unknown HostUnreachable', 'Ready=Unknown HostUnreachable']);
    assert.deepEqual(fleet.running('web'), [host]);
    await fleet.clock.advance(75_000);
    await fleet.until(async () => (await readyWords(fleet, 'web', host)).every((words) => words.includes('=True ')), 30_000);
    const after = await fleet.instance('web');
    assert.equal(after.metadata.uid, before.metadata.uid);
    assert.equal(after.status.startedAt, before.status.startedAt);
    assert.equal(fleet.lives().length, 1);
    await fleet.stop();
  });

  test('PowerLoss: the guests die, and start there again when power returns', async () => {
    const fleet = await running('web', 'db');
    const host = await hostOf(fleet, 'web');
    await fleet.makeFault('outage', { type: 'PowerLoss', nodeName: host, duration: '2m' });
    await fleet.clock.advance(1000);
    assert.deepEqual(fleet.running('web'), []);
    await fleet.clock.advance(44_000);
    assert.deepEqual(await readyWords(fleet, 'web', host), ['Ready=Unknown HostUnreachable', 'Ready=Unknown HostUnreachable']);
    await fleet.clock.advance(75_000);
    await fleet.until(async () => (await readyWords(fleet, 'web', host)).every((words) => words.includes('=True ')));
    assert.deepEqual(fleet.running('web'), [host]);
    const lives = fleet.lives().filter((life) => life.vm === fleet.lives().find(({ to }) => to?.by === 'PowerCut')?.vm);
    assert.deepEqual(
      lives.map((life) => [life.host, life.to?.by]),
      [
        [host, 'PowerCut'],
        [host, undefined],
      ],
    );
    await fleet.stop();
  });

  test('a Node that is deleted touches no VM; its Host stays and says so, until a boot registers the Node again', async () => {
    const fleet = await running('web');
    const host = await hostOf(fleet, 'web');
    const before = { vm: await fleet.vm('web'), instance: await fleet.instance('web'), lives: fleet.lives() };
    await fleet.during(fleet.person.delete(Node, { name: host }));
    await fleet.clock.advance(180_000);
    assert.equal(says(await hostNamed(fleet, host), 'Ready'), 'Ready=False NodeMissing');
    assert.deepEqual(await fleet.vm('web'), before.vm);
    assert.deepEqual(await fleet.instance('web'), before.instance);
    assert.deepEqual(fleet.lives(), before.lives);
    assert.deepEqual(fleet.running('web'), [host]);
    await fleet.makeFault('reboot', { type: 'PowerLoss', nodeName: host, duration: '5s' });
    await fleet.until(async () => says(await hostNamed(fleet, host), 'Ready') === 'Ready=True AgentAnswers');
    await fleet.until(() => Promise.resolve(fleet.running('web').length === 1));
    assert.equal((await fleet.instance('web')).metadata.uid, before.instance.metadata.uid);
    await fleet.stop();
  });
});
