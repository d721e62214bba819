import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Host } from '../../../src/api/host.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { says, startFleet } from './fleet.ts';

describe('CPU features on a fleet of mixed hosts', () => {
  test('a VM sees what all hosts have, or what it says, where that is to be had; a change waits for a restart', async () => {
    const fleet = await startFleet(2, { baselines: ['x86-64-v3', 'x86-64-v2'] });
    const host = await fleet.during(fleet.person.get(Host, { name: 'rack-2' }));
    assert.equal(host?.status.inventory?.cpu?.baseline, 'x86-64-v2');
    await fleet.makeVm('plain');
    await fleet.makeVm('modern', { cpu: { cores: 1, baseline: 'x86-64-v3' } });
    await fleet.makeVm('future', { cpu: { cores: 1, baseline: 'x86-64-v4' } });
    await fleet.untilReady('plain', 'modern');
    assert.equal((await fleet.instance('plain')).spec.cpu.baseline, 'x86-64-v2');
    assert.equal((await fleet.instance('modern')).spec.cpu.baseline, 'x86-64-v3');
    assert.deepEqual(fleet.running('modern'), ['rack-1']);
    const why = async () => findCondition((await fleet.vm('future')).status.conditions, 'Ready')?.message ?? '';
    await fleet.until(async () => (await why()).includes('0/2 hosts: 2 without CPU features x86-64-v4'));
    await fleet.patchVm('plain', { cpu: { baseline: 'x86-64-v3' } });
    await fleet.untilSays('plain', 'RestartRequired=True SpecChanged');
    assert.equal((await fleet.instance('plain')).spec.cpu.baseline, 'x86-64-v2');
    await fleet.patchVm('plain', { powerState: 'PoweredOff' });
    await fleet.until(async () => (await fleet.instances('plain')).length === 0);
    await fleet.patchVm('plain', { powerState: 'PoweredOn' });
    await fleet.untilReady('plain');
    assert.equal(says(await fleet.vm('plain'), 'RestartRequired'), 'RestartRequired=False UpToDate');
    assert.deepEqual(fleet.running('plain'), ['rack-1']);
    await fleet.stop();
  });
});
