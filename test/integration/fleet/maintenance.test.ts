import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Host } from '../../../src/api/host.ts';
import { VirtualMachine } from '../../../src/api/virtual-machine.ts';
import { Node, Pod } from '../../../src/meta/core.ts';
import { personAt, type Person } from './drain.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { eventsOf } from './moves.ts';

const powerOff = { availability: { evacuation: 'PowerOff' } };
const block = { availability: { evacuation: 'Block' } };

interface Started {
  readonly fleet: Fleet;
  readonly person: Person;
  /** The host of the VM `web`. */
  readonly here: string;
}

async function started(hosts: number, spec: object): Promise<Started> {
  const fleet = await startFleet(hosts);
  await fleet.makeVm('web', spec);
  await fleet.untilReady('web');
  const person = personAt(fleet);
  const here = (await fleet.vm('web')).status.nodeName ?? assert.fail('it is nowhere');
  await fleet.until(async () => (await person.guards(here)).length === 1);
  return { fleet, person, here };
}

describe('a host that is drained', () => {
  test('has a guard that stands for its VMs, and one that somebody deletes is made anew', async () => {
    const { fleet, person, here } = await started(1, {});
    const requests = async () => (await person.guards(here)).map(({ spec }) => spec?.containers?.[0]?.resources?.requests);
    await fleet.until(async () => (await requests())[0]?.['memory'] === '1104Mi');
    const first = (await person.guards(here))[0] ?? assert.fail('there is none');
    await fleet.during(fleet.person.delete(Pod, first.metadata));
    await fleet.until(async () => (await person.guards(here)).every(({ metadata }) => metadata.uid !== first.metadata.uid));
    await fleet.until(async () => (await requests())[0]?.['memory'] === '1104Mi');
    assert.equal(await person.evacuation(here), '');
    assert.equal(fleet.lives().length, 1);
    await fleet.stop();
  });

  test('by a cordon alone keeps what it has, and is not claimed', async () => {
    const { fleet, person, here } = await started(2, powerOff);
    await person.cordon(here);
    await fleet.clock.advance(30_000);
    assert.deepEqual(fleet.running('web'), [here]);
    assert.equal((await person.host(here)).status.claim, undefined);
    await fleet.stop();
  });

  for (const how of ['evict', 'delete'] as const) {
    test(`(${how}) ends when the last VM has gone elsewhere, is claimed until it is uncordoned, and receives nothing`, async () => {
      const { fleet, person, here } = await started(2, powerOff);
      const spec = (await fleet.vm('web')).spec;
      const drain = await person.drain(here, how);
      assert.equal(await drain.isOver(), false);
      await fleet.until(() => drain.isOver());
      assert.equal(fleet.running('web').includes(here), false);
      await fleet.untilReady('web');
      await fleet.until(async () => (await person.evacuation(here)) === 'True Empty: no VM runs on it');
      const { claim, phase } = (await person.host(here)).status;
      assert.deepEqual([claim?.by, claim?.drain, phase], ['Maintenance', true, 'Maintenance']);
      assert.deepEqual((await fleet.vm('web')).spec, spec, 'rule 8');
      await person.cordon(here, false);
      await fleet.until(async () => (await person.host(here)).status.phase === 'Available');
      assert.deepEqual([(await person.host(here)).status.claim, await person.evacuation(here)], [undefined, '']);
      assert.equal(fleet.lives().length, 2);
      await fleet.stop();
    });
  }

  test('waits for a VM that says Block, says so, and is cancelled by uncordoning; the drain itself is not told that the host is empty', async () => {
    const { fleet, person, here } = await started(2, block);
    const drain = await person.drain(here);
    const words = 'False Blocked: 1 VM cannot leave: shop/web: its spec.availability.evacuation says Block';
    await fleet.until(async () => (await person.evacuation(here)) === words);
    await person.cordon(here, false);
    await fleet.until(
      async () => (await person.guards(here)).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length === 1,
    );
    assert.deepEqual([(await person.host(here)).status.claim, await drain.isOver()], [undefined, false]);
    await person.cordon(here);
    await fleet.clock.advance(30_000);
    assert.equal((await person.host(here)).status.claim, undefined, 'a cordon moves nothing, whatever was drained before');
    const again = await person.drain(here);
    await fleet.until(async () => (await person.evacuation(here)) === words);
    await fleet.during(fleet.person.delete(VirtualMachine, { namespace: 'shop', name: 'web' }));
    await fleet.until(async () => (await drain.isOver()) && (await again.isOver()));
    await fleet.stop();
  });

  test('takes its moves back when it is uncordoned before they begin', async () => {
    const { fleet, person, here } = await started(1, {});
    const drain = await person.drain(here);
    await fleet.until(async () => (await person.migrations()).length === 1);
    const [move] = await person.migrations();
    assert.deepEqual([move?.spec.virtualMachine, move?.spec.priority], ['web', 'System']);
    await fleet.clock.advance(30_000);
    assert.deepEqual([(await person.migrations()).length, await drain.isOver()], [1, false]);
    await person.cordon(here, false);
    await fleet.until(async () => (await person.migrations()).length === 0);
    assert.equal(fleet.lives().length, 1);
    await fleet.stop();
  });

  test('moves its VMs while they run: no restart', async () => {
    const { fleet, person, here } = await started(3, {});
    const names = ['web', 'a', 'b', 'c', 'd', 'e'];
    for (const name of names.slice(1)) await fleet.makeVm(name, { placement: { nodeSelector: { 'kubernetes.io/hostname': here } } });
    await fleet.untilReady(...names);
    for (const name of names) await fleet.patchVm(name, { placement: null });
    const drain = await person.drain(here);
    await fleet.until(() => drain.isOver(), 600_000);
    await fleet.until(async () => (await person.evacuation(here)) === 'True Empty: no VM runs on it');
    assert.equal(fleet.lives().filter(({ to }) => to !== undefined && to.by !== 'Paused').length, 0);
    for (const name of names) assert.equal(fleet.running(name).length, 1, name);
    for (const name of names) assert.ok(!fleet.running(name).includes(here), name);
    const moves = await person.migrations();
    assert.deepEqual(moves.map(({ spec }) => spec.virtualMachine).sort(), [...names].sort());
    assert.deepEqual(await eventsOf(fleet), [], 'the migrations stay, and tell it');
    await fleet.stop();
  });

  test('again and again keeps one move of each VM to be read', async () => {
    const { fleet, person, here } = await started(2, {});
    let host = here;
    for (let round = 0; round < 4; round++) {
      const drain = await person.drain(host);
      await fleet.until(() => drain.isOver(), 600_000);
      await person.cordon(host, false);
      await fleet.until(async () => (await person.host(host)).status.phase === 'Available');
      host = (await fleet.vm('web')).status.nodeName ?? '';
      await fleet.until(async () => (await person.guards(host)).length === 1);
    }
    assert.ok((await person.migrations()).length <= 2, String((await person.migrations()).length));
    assert.deepEqual(fleet.running('web'), [host]);
    await fleet.stop();
  });

  test('whose Node is deleted keeps its VMs and its Host', async () => {
    const { fleet, person, here } = await started(2, powerOff);
    await fleet.during(fleet.person.delete(Node, { name: here }));
    await fleet.until(async () => (await person.guards(here)).length === 0);
    await fleet.clock.advance(30_000);
    assert.deepEqual(fleet.running('web'), [here]);
    assert.equal((await person.host(here)).status.claim, undefined);
    await fleet.stop();
  });
});

describe('NoExecute taints', () => {
  test('of people’s drive away what does not tolerate them, when its time is over; Kubernetes’ own drive nobody', async () => {
    const tolerations = [{ key: 'repair', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }];
    const { fleet, person, here } = await started(2, { ...powerOff, placement: { tolerations } });
    await person.taint(here, { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' });
    await fleet.clock.advance(90_000);
    assert.deepEqual([fleet.running('web'), await person.evacuation(here)], [[here], '']);
    await person.taint(here, { key: 'repair', effect: 'NoExecute' });
    await fleet.clock.advance(50_000);
    assert.deepEqual(fleet.running('web'), [here]);
    await fleet.until(async () => (await person.evacuation(here)) === 'True Empty: no VM runs on it');
    await fleet.untilReady('web');
    assert.equal(fleet.running('web').includes(here), false);
    assert.equal((await person.host(here)).status.claim, undefined, 'a VM that tolerates it may come');
    await person.taint(here);
    await fleet.until(async () => (await person.evacuation(here)) === '');
    await fleet.stop();
  });
});

describe('spec.maintenance', () => {
  test('keeps a host empty until it is Normal again; what has local disks is powered off when the time is over, and waits for its host', async () => {
    const { fleet, person, here } = await started(2, { disks: [{ name: 'root', size: '1Gi', datastore: 'local' }] });
    await fleet.makeVm('nap');
    await fleet.untilReady('nap');
    await person.patchHost(here, { mode: 'Maintenance', timeout: '1m', onTimeout: 'PowerOff' });
    const stuck = `1 VM cannot leave: shop/web: it has local disks on ${here}, which do not move`;
    await fleet.until(async () => (await person.evacuation(here)).endsWith(stuck));
    await fleet.until(async () => fleet.running('web').length === 0);
    await fleet.untilSays('web', 'Ready=False NoHostFits');
    await person.patchHost(here, { mode: 'Normal' });
    await fleet.untilReady('web');
    assert.deepEqual(fleet.running('web'), [here]);
    await fleet.stop();
  });

  test('is not kept waiting by a VM that sleeps, whose memory stays; it is woken when the host is back', async () => {
    const { fleet, person, here } = await started(1, {});
    await fleet.patchVm('web', { powerState: 'Suspended' });
    await fleet.untilSays('web', 'Ready=True Suspended');
    await person.patchHost(here, { mode: 'Maintenance' });
    const words = 'True Empty: no VM runs on it; 1 VM is suspended, and its memory stays on it: shop/web';
    await fleet.until(async () => (await person.evacuation(here)) === words);
    await fleet.patchVm('web', { powerState: 'PoweredOn' });
    await fleet.untilSays('web', 'Ready=False NoRoomToResume');
    await fleet.during(fleet.person.patch(Host, { name: here }, { spec: { maintenance: null } }));
    await fleet.untilReady('web');
    await fleet.stop();
  });
});
