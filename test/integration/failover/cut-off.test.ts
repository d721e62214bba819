// What a host does with its VMs when it is isolated, or loses their disks; losing the API alone stops none (rules 1, 2, 9, 10, 11).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { failoverFleet, type FailoverFleet } from './failover.ts';

async function fleetOf(hosts: number, cluster: object = {}): Promise<FailoverFleet> {
  const fleet = await failoverFleet(hosts);
  const networks = { heartbeat: { isolationAddresses: ['192.0.2.1'] } };
  await fleet.during(fleet.person.patch(HostCluster, { name: 'main' }, { spec: { networks, ...cluster } }));
  await fleet.makeVm('web');
  await fleet.untilReady('web');
  return fleet;
}

const says = async (fleet: FailoverFleet): Promise<string> => {
  const found = findCondition((await fleet.vm('web')).status.conditions, 'Ready');
  return `${found?.reason ?? ''}: ${found?.message ?? ''}`;
};

const reaches = async (fleet: FailoverFleet, host: string): Promise<string> => {
  const said = findCondition((await fleet.host(host)).status.conditions, 'DatastoresReached');
  return said === undefined ? '' : `${said.status} ${said.reason}: ${said.message}`;
};

describe('a host that is isolated', () => {
  it('ends its VMs, has its power cut, and they run elsewhere, once', async () => {
    const fleet = await fleetOf(3);
    const first = fleet.whereIs('web');
    const mend = await fleet.inject('ManagementPartition', first);
    await fleet.clock.advance(9_000);
    assert.equal(fleet.whereIs('web'), first);
    await fleet.until(() => Promise.resolve(!['', first].includes(fleet.whereIs('web'))), 30_000);
    assert.equal(await fleet.livesOf('web'), 2);
    await mend();
    await fleet.until(async () => (await fleet.hostSays(first)) === 'True AgentAnswers');
    assert.equal(await fleet.livesOf('web'), 2);
  });

  it('leaves on what is to be left on, and is left alone itself', async () => {
    const fleet = await fleetOf(3);
    await fleet.patchVm('web', { availability: { isolationResponse: 'LeaveOn' } });
    await fleet.until(async () => (await fleet.instance('web')).spec.responses?.isolation === undefined);
    const first = fleet.whereIs('web');
    await fleet.inject('ManagementPartition', first);
    await fleet.clock.advance(60_000);
    assert.equal(fleet.whereIs('web'), first);
    assert.match(await fleet.hostSays(first), /Isolated/);
  });

  it('starts its VMs again by itself where nobody can cut its power, once it is back', async () => {
    const fleet = await fleetOf(3);
    const first = fleet.whereIs('web');
    await fleet.inject('BMCFailure', first);
    const mend = await fleet.inject('ManagementPartition', first);
    await fleet.clock.advance(60_000);
    assert.equal(fleet.whereIs('web'), '');
    await mend();
    await fleet.until(() => Promise.resolve(fleet.whereIs('web') === first));
    await fleet.untilReady('web');
  });
});

describe('a host that is not isolated', () => {
  it('hears others, though it reaches neither operator nor address: it leaves its VMs on', async () => {
    const fleet = await fleetOf(3);
    const first = fleet.whereIs('web');
    const other =
      fleet
        .world()
        .truth()
        .hosts.find(({ name }) => name !== first)?.name ?? '';
    fleet.world().moveToSegment([first, other], 'far');
    await fleet.clock.advance(60_000);
    assert.equal(fleet.whereIs('web'), first);
  });

  it('knows no address that would tell it so: it leaves its VMs on', async () => {
    const fleet = await fleetOf(3, { networks: null });
    const first = fleet.whereIs('web');
    await fleet.inject('ManagementPartition', first);
    await fleet.clock.advance(60_000);
    assert.equal(fleet.whereIs('web'), first);
  });
});

describe('a host that loses its shared datastores', () => {
  it('ends the VMs that have disks there, and they start on another host, once, though their lease could not be given up', async () => {
    const fleet = await fleetOf(3);
    const first = fleet.whereIs('web');
    const mend = await fleet.inject('StoragePartition', first);
    await fleet.clock.advance(29_000);
    assert.equal(fleet.whereIs('web'), first);
    await fleet.until(() => Promise.resolve(!['', first].includes(fleet.whereIs('web'))), 30_000);
    await fleet.untilReady('web');
    assert.equal(await fleet.livesOf('web'), 2);
    await mend();
    await fleet.clock.advance(60_000);
    assert.equal((await fleet.instance('web')).spec.nodeName, fleet.whereIs('web'));
    assert.equal(await fleet.livesOf('web'), 2);
    assert.equal(await fleet.hostSays(first), 'True AgentAnswers');
  });

  it('leaves them on for a while, and for good where that is asked for', async () => {
    const fleet = await fleetOf(3);
    const first = fleet.whereIs('web');
    const mend = await fleet.inject('StoragePartition', first);
    await fleet.clock.advance(20_000);
    await mend();
    await fleet.clock.advance(60_000);
    await fleet.patchVm('web', { availability: { storageLoss: 'LeaveOn' } });
    await fleet.until(async () => (await fleet.instance('web')).spec.responses?.storageLoss === 'LeaveOn');
    await fleet.inject('StoragePartition', first);
    await fleet.clock.advance(120_000);
    assert.equal(fleet.whereIs('web'), first);
    assert.equal(await fleet.livesOf('web'), 1);
  });

  it('starts them again itself when it is back, where they fit nowhere else, and says so until then (rule 11)', async () => {
    const fleet = await fleetOf(1);
    const mend = await fleet.inject('StoragePartition', fleet.whereIs('web'));
    await fleet.untilSays('web', 'Ready=False StorageLost', 60_000);
    assert.equal(fleet.whereIs('web'), '');
    await fleet.until(async () => (await says(fleet)).includes('since nowhere else fits'));
    assert.match(
      await says(fleet),
      /^StorageLost: \S+ does not reach datastore shared, and storageLoss is PowerOff: it starts there when that is over/,
    );
    await mend();
    await fleet.untilReady('web');
    assert.equal(await fleet.livesOf('web'), 2);
  });

  it('is said on the Host, with since when, and taken back when they are reached again; nothing is written meanwhile (rules 7, 11)', async () => {
    const fleet = await fleetOf(2);
    const [name = ''] = fleet.world().remembered().keys();
    const mend = await fleet.inject('StoragePartition', name);
    await fleet.until(async () => (await reaches(fleet, name)) !== '');
    assert.equal(
      await reaches(fleet, name),
      'False DatastoresLost: it does not reach datastore shared: VMs with disks there start on other hosts',
    );
    const { metadata, status } = await fleet.host(name);
    const { lostDatastores, conditions } = status;
    assert.deepEqual(
      lostDatastores?.map((one) => one.name),
      ['shared'],
    );
    assert.equal(findCondition(conditions, 'Ready')?.status, 'True');
    await fleet.clock.advance(120_000);
    assert.equal((await fleet.host(name)).metadata.resourceVersion, metadata.resourceVersion);
    await mend();
    await fleet.until(async () => (await reaches(fleet, name)) === '');
    assert.equal((await fleet.host(name)).status.lostDatastores, undefined);
  });

  it('is no place for VMs with disks there, and says so in figures; one without disks may start there (rule 11)', async () => {
    const fleet = await failoverFleet(2);
    for (const [name] of fleet.world().remembered()) await fleet.inject('StoragePartition', name);
    for (const [name] of fleet.world().remembered()) await fleet.until(async () => (await reaches(fleet, name)) !== '');
    await fleet.makeVm('web');
    await fleet.makeVm('bare', { disks: [] });
    await fleet.untilSays('web', 'Placed=False NoHostFits', 30_000);
    const placed = findCondition((await fleet.vm('web')).status.conditions, 'Placed');
    assert.equal(placed?.message, '0/2 hosts: 2 that do not reach datastore shared');
    await fleet.untilReady('bare');
  });

  it('is a place again as soon as it reaches them', async () => {
    const fleet = await failoverFleet(1);
    const [name = ''] = fleet.world().remembered().keys();
    const mend = await fleet.inject('StoragePartition', name);
    await fleet.until(async () => (await reaches(fleet, name)) !== '');
    await fleet.makeVm('web');
    await fleet.untilSays('web', 'Placed=False NoHostFits', 30_000);
    await mend();
    await fleet.untilReady('web');
    assert.equal(await fleet.livesOf('web'), 1);
  });

  it('is not where the VMs of a dead host go, though it has the most room (rule 2)', async () => {
    const fleet = await fleetOf(3);
    const first = fleet.whereIs('web');
    const [other = '', third = ''] = [...fleet.world().remembered().keys()].filter((name) => name !== first);
    await fleet.makeVm('ballast', { memory: { size: '4Gi' }, placement: { nodeSelector: { 'kubernetes.io/hostname': third } } });
    await fleet.untilReady('ballast');
    await fleet.inject('StoragePartition', other);
    await fleet.until(async () => (await reaches(fleet, other)) !== '');
    await fleet.inject('PowerLoss', first);
    await fleet.until(() => Promise.resolve(fleet.whereIs('web') === third), 60_000);
    assert.equal(await fleet.livesOf('web'), 2);
  });
});
