import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostProfile } from '../../../src/api/host-profile.ts';
import { Host } from '../../../src/api/host.ts';
import { Node } from '../../../src/meta/core.ts';
import type { Setting } from '../../../src/api/setting.ts';
import { personAt } from '../fleet/drain.ts';
import { says, startFleet, startOperator, type Fleet } from '../fleet/fleet.ts';

const swap = (value: string): object => ({ sysctl: [{ name: 'vm.swappiness', value }] });
const hugepages = { sysctl: [{ name: 'vm.nr_hugepages', value: '512' }] };
const boot = { files: [{ path: '/etc/kernel/cmdline', contents: 'quiet nosmt\n' }] };
const by = { fieldManager: 'person' };

async function setProfile(fleet: Fleet, name: string, settings: object, spec: object = {}): Promise<void> {
  const object = { spec: { hostSelector: {}, enforcement: 'Remediate', ...spec, settings } };
  await fleet.during(fleet.person.apply(HostProfile, { name }, object, by));
}

async function profile(fleet: Fleet, name = 'base'): Promise<HostProfile> {
  return (await fleet.during(fleet.person.get(HostProfile, { name }))) ?? assert.fail(`there is no profile ${name}`);
}

async function untilSays(fleet: Fleet, condition: string, name = 'base', limitMs = 240_000): Promise<void> {
  const type = condition.slice(0, condition.indexOf('='));
  await fleet.until(async () => {
    const found = await profile(fleet, name);
    return found.status.observedGeneration === found.metadata.generation && says(found, type) === condition;
  }, limitMs);
}

async function hostsOf(fleet: Fleet): Promise<Host[]> {
  return (await fleet.during(fleet.person.list(Host))).items;
}

async function values(fleet: Fleet, family: Setting['family'], key: string): Promise<unknown[]> {
  const found = (await hostsOf(fleet)).map(async ({ metadata }) => {
    const [one] = await fleet.world().hostPort(metadata.name).settings.read([{ family, key }]);
    return one !== undefined && 'value' in one ? one.value : undefined;
  });
  return fleet.during(Promise.all(found));
}

/** Watches until `so`: how many hosts were claimed, and how many had the value, at each look. */
async function watching(fleet: Fleet, so: () => Promise<boolean>, each: (hosts: readonly Host[]) => Promise<void> | void): Promise<void> {
  await fleet.until(async () => {
    await each(await hostsOf(fleet));
    return so();
  }, 400_000);
}

const message = async (fleet: Fleet, name = 'base'): Promise<string> =>
  (await profile(fleet, name)).status.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';

describe('a profile of impact None', () => {
  test('that only reports: what differs is said of each host, and nothing is changed', async () => {
    const fleet = await startFleet(3);
    await setProfile(fleet, 'base', swap('10'), { enforcement: 'Report' });
    await untilSays(fleet, 'Ready=False NonCompliant');
    await fleet.until(async () => (await profile(fleet)).status.hosts?.unknown === 0);
    const { status } = await profile(fleet);
    assert.deepEqual(status.hosts, { total: 3, compliant: 0, nonCompliant: 3, unknown: 0 });
    assert.deepEqual(status.plan, { none: 3, maintenance: 0, reboot: 0, refused: 0 });
    assert.equal(await message(fleet), '3 hosts; rack-1: sysctl vm.swappiness is 60, not 10');
    assert.deepEqual(
      status.notCompliant?.map(({ host, state }) => `${host} ${state}`),
      ['rack-1 NonCompliant', 'rack-2 NonCompliant', 'rack-3 NonCompliant'],
    );
    assert.deepEqual(new Set(await values(fleet, 'sysctl', 'vm.swappiness')), new Set(['60']));
    const before = fleet.writes.filter((line) => line.includes('/hosts') || line.includes('/hostprofiles')).length;
    await fleet.clock.advance(600_000);
    assert.equal(fleet.writes.filter((line) => line.includes('/hosts') || line.includes('/hostprofiles')).length, before);
    await fleet.stop();
  });

  test('that mends: one host first, then the others, and then it is quiet; drift is mended within a minute', async () => {
    const fleet = await startFleet(4);
    await setProfile(fleet, 'base', swap('10'), { rollout: { soak: '20s', maxUnavailable: 2 } });
    let alone = 0;
    await watching(
      fleet,
      async () => says(await profile(fleet), 'Ready') === 'Ready=True Compliant',
      async () => {
        const done = (await values(fleet, 'sysctl', 'vm.swappiness')).filter((value) => value === '10').length;
        if (done === 1) alone++;
      },
    );
    // Looked at every 100 ms: for the soak nobody else follows.
    assert.ok(alone >= 200, `${String(alone)} looks`);
    assert.deepEqual((await profile(fleet)).status.rollout?.canaries, ['rack-1']);
    const port = fleet.world().hostPort('rack-3').settings;
    await fleet.during(port.write({ family: 'sysctl', key: 'vm.swappiness', value: '90' }));
    await fleet.until(async () => (await values(fleet, 'sysctl', 'vm.swappiness')).every((value) => value === '10'), 60_000);
    await untilSays(fleet, 'Ready=True Compliant');
    await fleet.clock.advance(90_000);
    const before = fleet.writes.filter((line) => line.includes('/hosts') || line.includes('/hostprofiles')).length;
    await fleet.clock.advance(600_000);
    assert.equal(fleet.writes.filter((line) => line.includes('/hosts') || line.includes('/hostprofiles')).length, before);
    await fleet.stop();
  });

  test('that is bad on the first host stops there, and says why; another one supersedes it', async () => {
    const fleet = await startFleet(3);
    await setProfile(fleet, 'base', { firewall: [{ name: 'lockdown', deny: {} }] }, { rollback: { after: '10s' } });
    await untilSays(fleet, 'Ready=False CanaryFailed');
    await untilSays(fleet, 'Stalled=True CanaryFailed');
    assert.match(await message(fleet), /^rack-1: undone: firewall lockdown: it did not reach its manager for 10s$/);
    await fleet.clock.advance(300_000);
    assert.deepEqual(await values(fleet, 'firewall', 'lockdown'), [null, null, null]);
    await setProfile(fleet, 'base', swap('10'));
    await untilSays(fleet, 'Ready=True Compliant');
    assert.deepEqual(await values(fleet, 'sysctl', 'vm.swappiness'), ['10', '10', '10']);
    await fleet.stop();
  });

  test('that a later host refuses to take: the others wait, unless it says otherwise', async () => {
    const fleet = await startFleet(4);
    const answered = { sysctl: [{ name: 'vm.swappiness', valueFrom: { answer: 'swap' } }] };
    const answer = async (host: string, swappiness: string): Promise<void> => {
      await fleet.during(fleet.person.patch(Host, { name: host }, { spec: { answers: { swap: swappiness } } }));
    };
    for (const host of ['rack-1', 'rack-2', 'rack-4']) await answer(host, '7');
    await setProfile(fleet, 'base', answered);
    await untilSays(fleet, 'Ready=False Refused');
    assert.equal(await message(fleet), 'rack-3: sysctl vm.swappiness: spec.answers of the Host has no swap');
    assert.deepEqual(new Set(await values(fleet, 'sysctl', 'vm.swappiness')), new Set(['60']));
    await setProfile(fleet, 'base', answered, { rollout: { pauseOnFailure: false } });
    await fleet.until(async () => (await values(fleet, 'sysctl', 'vm.swappiness')).filter((value) => value === '7').length === 3);
    await untilSays(fleet, 'Stalled=True NonCompliant');
    await answer('rack-3', '8');
    await untilSays(fleet, 'Ready=True Compliant');
    assert.deepEqual((await values(fleet, 'sysctl', 'vm.swappiness')).sort(), ['7', '7', '7', '8']);
    await fleet.stop();
  });
});

describe('a profile that needs hosts empty', () => {
  const vms = ['a', 'b', 'c', 'd', 'e', 'f'];

  for (const [what, settings, boots] of [
    ['Maintenance', hugepages, false],
    ['Reboot', boot, true],
  ] as const) {
    test(`${what}: VMs move away and none restarts, never more hosts away than it says, and all are back in the end`, async () => {
      const fleet = await startFleet(4);
      for (const name of vms) await fleet.makeVm(name);
      await fleet.untilReady(...vms);
      const lives = fleet.lives().length;
      const bootIds = new Map((await hostsOf(fleet)).map(({ metadata: { name } }) => [name, fleet.world().hostState(name)?.bootId]));
      await setProfile(fleet, 'base', settings, { rollout: { maxUnavailable: 1 } });
      let most = 0;
      await watching(
        fleet,
        async () => says(await profile(fleet), 'Ready') === 'Ready=True Compliant',
        (hosts) => {
          most = Math.max(most, hosts.filter(({ status }) => status.claim !== undefined).length);
          for (const { metadata, status } of hosts)
            if (status.claim === undefined && status.compliance?.[0]?.applying === true)
              assert.fail(`${metadata.name} is changed without a claim`);
        },
      );
      assert.equal(most, 1);
      await fleet.until(async () =>
        (await hostsOf(fleet)).every(({ status }) => status.claim === undefined && status.phase === 'Available'),
      );
      for (const { metadata } of await hostsOf(fleet))
        assert.equal(fleet.world().hostState(metadata.name)?.bootId !== bootIds.get(metadata.name), boots);
      // Each VM lives on in another guest only by moves: no guest was started anew, and none died.
      assert.ok(fleet.lives().every(({ to }) => to === undefined || to.by === 'Paused' || to.by === 'Stopped'));
      assert.ok(fleet.lives().length >= lives);
      for (const name of vms)
        assert.equal(
          (await fleet.vm(name)).status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
          true,
        );
      await fleet.stop();
    });
  }

  test('VMs go to hosts that are done, though others have more room: they need not leave once more', async () => {
    const fleet = await startFleet(3);
    await fleet.makeVm('big', { memory: { size: '10Gi' } });
    await fleet.untilReady('big');
    for (const name of ['small-a', 'small-b']) await fleet.makeVm(name);
    await fleet.untilReady('small-a', 'small-b');
    assert.deepEqual(fleet.running('big'), ['rack-1']);
    await setProfile(fleet, 'base', hugepages, { rollout: { soak: '0s', maxUnavailable: 1 } });
    await untilSays(fleet, 'Ready=True Compliant');
    const moves = async (name: string): Promise<number> => {
      const { uid } = (await fleet.vm(name)).metadata;
      return fleet.lives().filter(({ to, vm }) => vm === uid && to?.by === 'Paused').length;
    };
    const counted = [await moves('big'), await moves('small-a'), await moves('small-b')];
    assert.deepEqual(counted, [2, 1, 1], 'only big left before any host was done');
    await fleet.stop();
  });

  test('what drifts later and needs its host empty: the host is claimed and emptied for it once more', async () => {
    const fleet = await startFleet(3);
    for (const name of vms) await fleet.makeVm(name);
    await fleet.untilReady(...vms);
    await setProfile(fleet, 'base', hugepages, { rollout: { soak: '0s' } });
    await untilSays(fleet, 'Ready=True Compliant');
    await fleet.until(async () => (await hostsOf(fleet)).every(({ status }) => status.claim === undefined));
    const port = fleet.world().hostPort('rack-2').settings;
    await fleet.during(port.write({ family: 'sysctl', key: 'vm.nr_hugepages', value: '7' }));
    let isClaimed = false;
    await watching(
      fleet,
      async () => isClaimed && says(await profile(fleet), 'Ready') === 'Ready=True Compliant',
      (hosts) => {
        const { claim, compliance } = hosts[1]?.status ?? {};
        isClaimed ||= claim !== undefined;
        if (claim === undefined && compliance?.[0]?.applying === true) assert.fail('it is changed without a claim');
      },
    );
    assert.deepEqual(await values(fleet, 'sysctl', 'vm.nr_hugepages'), ['512', '512', '512']);
    assert.ok(fleet.lives().every(({ to }) => to === undefined || to.by === 'Paused' || to.by === 'Stopped'));
    await fleet.stop();
  });

  test('a host that is drained is left alone until it is uncordoned; then it is changed', async () => {
    const fleet = await startFleet(3);
    const person = personAt(fleet);
    await fleet.makeVm('a');
    await fleet.untilReady('a');
    await person.patchHost('rack-2', { mode: 'Maintenance' });
    await fleet.until(async () => (await person.host('rack-2')).status.claim?.by === 'Maintenance');
    await setProfile(fleet, 'base', hugepages, { rollout: { maxUnavailable: 2, soak: '0s' } });
    await fleet.until(async () => (await profile(fleet)).status.hosts?.compliant === 2, 300_000);
    await fleet.clock.advance(120_000);
    const { status } = await person.host('rack-2');
    assert.deepEqual([status.claim?.by, status.compliance?.[0]?.state], ['Maintenance', 'NonCompliant']);
    assert.equal(says(await profile(fleet), 'Ready'), 'Ready=False Waiting');
    await person.patchHost('rack-2', { mode: 'Normal' });
    await untilSays(fleet, 'Ready=True Compliant');
    await fleet.stop();
  });

  test('a drain that comes while a host is claimed waits for it, and has its turn', async () => {
    const fleet = await startFleet(3);
    const person = personAt(fleet);
    for (const name of vms) await fleet.makeVm(name);
    await fleet.untilReady(...vms);
    await setProfile(fleet, 'base', boot, { rollout: { canary: 3, maxUnavailable: 1 } });
    await fleet.until(async () => (await person.host('rack-1')).status.claim?.by === 'Profile');
    const drain = await person.drain('rack-1');
    await fleet.until(() => drain.isOver(), 300_000);
    const { status } = await person.host('rack-1');
    assert.deepEqual([status.claim?.by, status.compliance?.[0]?.state], ['Maintenance', 'Compliant']);
    await person.cordon('rack-1', false);
    await untilSays(fleet, 'Ready=True Compliant');
    await fleet.stop();
  });

  test('a VM that may not leave blocks its host, which says so, and nothing is changed beneath it', async () => {
    const fleet = await startFleet(2);
    await fleet.makeVm('stays', { availability: { evacuation: 'Block' } });
    await fleet.untilReady('stays');
    const host = (await fleet.vm('stays')).status.nodeName ?? '';
    await fleet.during(fleet.person.patch(Node, { name: host }, { metadata: { labels: { only: 'this' } } }));
    await setProfile(fleet, 'base', boot, { hostSelector: { matchLabels: { only: 'this' } } });
    await untilSays(fleet, 'Ready=False Waiting');
    assert.match(await message(fleet), /is not empty: .*stays/);
    await fleet.clock.advance(300_000);
    assert.deepEqual(fleet.running('stays'), [host]);
    // Given up: the host is given back.
    await setProfile(fleet, 'base', boot, { hostSelector: { matchLabels: { only: 'none' } } });
    await fleet.until(async () => (await personAt(fleet).host(host)).status.claim === undefined);
    await fleet.stop();
  });
});

describe('a roll-out that is disturbed', () => {
  test('changed in the middle: the first one is over, and hosts that were claimed for it are given back', async () => {
    const fleet = await startFleet(4);
    for (const name of ['a', 'b', 'c', 'd']) await fleet.makeVm(name);
    await fleet.untilReady('a', 'b', 'c', 'd');
    await setProfile(fleet, 'base', hugepages, { rollout: { soak: '0s', maxUnavailable: 2 } });
    await fleet.until(async () => (await hostsOf(fleet)).filter(({ status }) => status.claim?.by === 'Profile').length === 2, 300_000);
    await setProfile(fleet, 'base', swap('10'), { rollout: { soak: '0s', maxUnavailable: 2 } });
    await untilSays(fleet, 'Ready=True Compliant');
    assert.deepEqual(await values(fleet, 'sysctl', 'vm.swappiness'), ['10', '10', '10', '10']);
    assert.ok((await hostsOf(fleet)).every(({ status }) => status.claim === undefined));
    assert.ok((await values(fleet, 'sysctl', 'vm.nr_hugepages')).includes('0'));
    await fleet.stop();
  });

  test('deleted in the middle: hosts are given back, and say nothing of it any more', async () => {
    const fleet = await startFleet(3);
    for (const name of ['a', 'b', 'c']) await fleet.makeVm(name);
    await fleet.untilReady('a', 'b', 'c');
    await setProfile(fleet, 'base', hugepages);
    await fleet.until(async () => (await hostsOf(fleet)).some(({ status }) => status.claim?.by === 'Profile'), 300_000);
    await fleet.during(fleet.person.delete(HostProfile, { name: 'base' }));
    await fleet.until(async () =>
      (await hostsOf(fleet)).every(
        ({ status }) => status.claim === undefined && status.profiles === undefined && status.compliance === undefined,
      ),
    );
    await fleet.stop();
  });

  test('its operator dies in the middle: another one goes on, and no host is away twice', async () => {
    const fleet = await startFleet(3);
    await fleet.makeVm('a');
    await fleet.untilReady('a');
    const ids = async (): Promise<string[]> =>
      (await hostsOf(fleet)).map(({ metadata: { name } }) => fleet.world().hostState(name)?.bootId ?? '');
    const before = await ids();
    await setProfile(fleet, 'base', boot, { rollout: { soak: '0s', maxUnavailable: 1 } });
    await fleet.until(async () => (await hostsOf(fleet)).some(({ status }) => status.claim !== undefined));
    fleet.operator.hold();
    startOperator(fleet, 'other');
    await untilSays(fleet, 'Ready=True Compliant');
    const after = await ids();
    assert.ok(after.every((id, index) => id !== before[index]));
    const steps = fleet.writes.filter((line) => line.includes('/status hypersphere-agent-compliance')).length;
    // Once for what differs, once for what begins, once for what is done.
    assert.equal(steps, 9);
    await fleet.stop();
  });

  test('two profiles that want different things: both say so, the Host too; that of the higher priority counts', async () => {
    const fleet = await startFleet(2);
    await setProfile(fleet, 'base', swap('10'), { rollout: { soak: '0s' } });
    await untilSays(fleet, 'Ready=True Compliant');
    await setProfile(fleet, 'other', { sysctl: [...(swap('20') as { sysctl: object[] }).sysctl, { name: 'vm.dirty_ratio', value: '5' }] });
    await untilSays(fleet, 'Conflicting=True Overruled', 'other');
    await untilSays(fleet, 'Conflicting=True Overrules', 'base');
    await untilSays(fleet, 'Stalled=True Refused', 'other');
    assert.match(await message(fleet, 'other'), /profile base wants another value, and its word counts/);
    const [host] = await hostsOf(fleet);
    assert.deepEqual(
      host?.status.compliance?.map(({ profile: name, state, conflicts }) => [name, state, conflicts?.[0]?.counts]),
      [
        ['base', 'Compliant', true],
        ['other', 'NonCompliant', false],
      ],
    );
    assert.deepEqual(await values(fleet, 'sysctl', 'vm.dirty_ratio'), ['20', '20']);
    await setProfile(fleet, 'other', swap('20'), { priority: 5, rollout: { soak: '0s' } });
    await untilSays(fleet, 'Ready=True Compliant', 'other');
    await untilSays(fleet, 'Conflicting=True Overruled', 'base');
    assert.deepEqual(await values(fleet, 'sysctl', 'vm.swappiness'), ['20', '20']);
    await fleet.stop();
  });

  test('a host that does not answer is Unknown, and keeps nobody waiting but itself', async () => {
    const fleet = await startFleet(3);
    await fleet.makeFault('gone', { type: 'PowerLoss', nodeName: 'rack-2' });
    await fleet.clock.advance(60_000);
    await setProfile(fleet, 'base', swap('10'), { rollout: { soak: '0s' } });
    await untilSays(fleet, 'Ready=False HostsUnknown');
    assert.deepEqual((await profile(fleet)).status.hosts, { total: 3, compliant: 2, nonCompliant: 0, unknown: 1 });
    await fleet.stop();
  });
});
