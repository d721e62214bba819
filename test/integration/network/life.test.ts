// The ports of VMs, on the whole system: who is given what, and what is said when it cannot be.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startNetworks, told } from './networks.ts';

const eth0 = (portGroup = 'web') => ({ networks: [{ name: 'eth0', portGroup }] });

describe('a VM with a network', () => {
  test('waits for its port, runs with its identity, and keeps both for life', async () => {
    const fleet = await startNetworks(2);
    await fleet.makeVm('web-1', eth0());
    await fleet.untilReady('web-1');
    const vm = await fleet.vm('web-1');
    const [nic] = vm.status.networks ?? [];
    assert.ok(nic !== undefined);
    assert.equal(told(vm, 'NetworkReady'), 'True Connected: each of its NICs has its port');
    assert.match(nic.macAddress, /^02:/);
    assert.match(nic.addresses[0] ?? '', /^10\.0\.10\./);
    const [running] = (await fleet.instance('web-1')).spec.networks ?? [];
    assert.deepEqual(
      [running?.port, running?.switch, running?.portGroup, running?.macAddress, running?.addresses, running?.blocked],
      ['web-1.eth0', 'prod', 'web', nic.macAddress, nic.addresses, false],
    );
    await fleet.until(async () => (await fleet.port('web-1.eth0'))?.status.nodeName === vm.status.nodeName);
    assert.equal((await fleet.claims()).length, 2);
    await fleet.patchVm('web-1', { powerState: 'PoweredOff' });
    await fleet.untilSays('web-1', 'Ready=True PoweredOff');
    assert.deepEqual((await fleet.vm('web-1')).status.networks, [nic]);
    await fleet.patchVm('web-1', { powerState: 'PoweredOn' });
    await fleet.untilSays('web-1', 'Ready=True Running');
    assert.deepEqual((await fleet.vm('web-1')).status.networks, [nic]);
    await fleet.stop();
  });
});
