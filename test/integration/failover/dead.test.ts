// A host dies, and its VMs are back on others: after the proof, and once (rules 1, 2, 9).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Event } from '../../../src/meta/core.ts';
import { failoverFleet, operatorProcess } from './failover.ts';

describe('a host that dies', () => {
  it('loses its power: its VM runs elsewhere within ten seconds, with exactly one life more, and the host rejoins clean', async () => {
    const fleet = await failoverFleet(3);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    const first = fleet.whereIs('web');
    const mend = await fleet.inject('PowerLoss', first);
    await fleet.until(() => Promise.resolve(fleet.whereIs('web') !== ''), 10_000);
    assert.notEqual(fleet.whereIs('web'), first);
    assert.equal(await fleet.livesOf('web'), 2);
    await fleet.untilReady('web');
    assert.equal((await fleet.vm('web')).status.nodeName, fleet.whereIs('web'));
    assert.match(await fleet.hostSays(first), /^False Fenced; Fenced; Fenced$/);
    const events = await fleet.during(fleet.person.list(Event, { fieldSelector: `regarding.name=${first},reason=Fenced` }));
    assert.deepEqual(
      events.items.map(({ note }) => note),
      ['its BMC says that it was off: what ran on it is dead for certain, and starts elsewhere'],
      'said once',
    );
    await mend();
    await fleet.until(async () => (await fleet.hostSays(first)) === 'True AgentAnswers');
    assert.equal((await fleet.instances('web')).length, 1);
    assert.equal(await fleet.livesOf('web'), 2);
  });

  it('takes the operator that leads with it: whoever stands by has watched too, and its VM runs elsewhere within fifteen seconds, once', async () => {
    const fleet = await failoverFleet(3);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    operatorProcess(fleet, 'second');
    await fleet.clock.advance(10_000);
    const first = fleet.whereIs('web');
    await fleet.inject('PowerLoss', first);
    fleet.process.kill();
    await fleet.until(() => Promise.resolve(!['', first].includes(fleet.whereIs('web'))), 15_000);
    await fleet.untilReady('web');
    assert.equal(await fleet.livesOf('web'), 2);
  });

  it('hangs: its power is cut before anything is replaced, and what hung never wakes', async () => {
    const fleet = await failoverFleet(3);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    const first = fleet.whereIs('web');
    const mend = await fleet.inject('HostHang', first);
    await fleet.until(() => Promise.resolve(fleet.whereIs('web') !== first), 15_000);
    await mend();
    await fleet.untilReady('web');
    await fleet.until(async () => (await fleet.hostSays(first)) === 'True AgentAnswers');
    assert.equal(await fleet.livesOf('web'), 2);
    assert.notEqual(fleet.whereIs('web'), first);
  });
});
