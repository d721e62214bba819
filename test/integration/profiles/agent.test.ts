import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Permit } from '../../../src/api/host-compliance.ts';
import { extractAnnotation } from '../../../src/api/host-profile.ts';
import { Host } from '../../../src/api/host.ts';
import { HostPool } from '../../../src/api/host-pool.ts';
import { ConfigMap } from '../../../src/meta/core.ts';
import { hosts, type Hosts } from './hosts.ts';

const swap = (value: string): object => ({ sysctl: [{ name: 'vm.swappiness', value }] });
const permit = (revision: string, impact: Permit['impact'] = 'None'): Permit => ({ revision, impact });

/** Under the profile `base`, and its revision there. */
async function under(at: Hosts, settings: object, spec: object = {}): Promise<string> {
  await at.setProfile('base', settings, spec);
  await at.under('rack-1', { base: undefined });
  return (await at.by('rack-1', 'base')).revision;
}

describe('the agent of a host under a profile', () => {
  test('says what differs, and changes nothing without leave', async () => {
    const at = await hosts(1);
    await under(at, swap('10'));
    const { state, findings, impact, message } = await at.by('rack-1', 'base');
    assert.deepEqual(findings, [{ setting: 'sysctl vm.swappiness', expected: '10', found: '60' }]);
    assert.deepEqual([state, impact, message], ['NonCompliant', 'None', 'sysctl vm.swappiness is 60, not 10']);
    await at.clock.advance(300_000);
    assert.deepEqual(at.steps, []);
    assert.equal(at.said('rack-1'), 1);
    await at.stop();
  });

  test('changes what it has leave for, says so once, and is quiet then', async () => {
    const at = await hosts(1);
    const revision = await under(at, swap('10'));
    await at.under('rack-1', { base: permit(revision) });
    const { message } = await at.by('rack-1', 'base', ({ state }) => state === 'Compliant');
    assert.equal(message, 'it is as the profile says');
    assert.equal(await at.value('rack-1', 'sysctl', 'vm.swappiness'), '10');
    assert.equal(at.said('rack-1'), 2);
    const before = at.writes.filter((line) => line.includes('/hosts/')).length;
    await at.clock.advance(600_000);
    assert.equal(at.writes.filter((line) => line.includes('/hosts/')).length, before);
    await at.stop();
  });

  test('leave for other settings than these is none, nor is leave where the profile only reports', async () => {
    const at = await hosts(1);
    const revision = await under(at, swap('10'));
    await at.under('rack-1', { base: permit('0000000000000000') });
    await at.clock.advance(90_000);
    await at.setProfile('base', swap('10'), { enforcement: 'Report' });
    await at.under('rack-1', { base: permit(revision) });
    await at.clock.advance(90_000);
    assert.deepEqual(at.steps, []);
    await at.stop();
  });

  test('drift is seen at once where the host tells of it, within a minute where it does not; with leave it is mended', async () => {
    const at = await hosts(1);
    const revision = await under(at, swap('10'));
    await at.under('rack-1', { base: permit(revision) });
    await at.by('rack-1', 'base', ({ state }) => state === 'Compliant');
    await at.clock.advance(60_000);
    await at.under('rack-1', { base: undefined });
    await at.meddle('rack-1', { family: 'sysctl', key: 'vm.swappiness', value: '90' });
    const { findings, since } = await at.by('rack-1', 'base', ({ state }) => state === 'NonCompliant', 1_000);
    assert.equal(findings[0]?.found, '90');
    assert.ok(at.clock.now() - Date.parse(since) <= 2_000);
    await at.under('rack-1', { base: permit(revision) });
    await at.by('rack-1', 'base', ({ state }) => state === 'Compliant', 60_000);
    assert.equal(await at.value('rack-1', 'sysctl', 'vm.swappiness'), '10');
    await at.stop();
  });

  test('what the host is not to be given is refused, all of it, and nothing is changed', async () => {
    const at = await hosts(1);
    const settings = { ...swap('10'), files: [{ path: '/etc/shadow', contents: 'x' }] };
    const revision = await under(at, settings);
    await at.under('rack-1', { base: permit(revision, 'Reboot') });
    const { refused, state } = await at.by('rack-1', 'base');
    assert.deepEqual([state, refused], ['NonCompliant', 'files /etc/shadow: it is not below the paths that the agent was started with']);
    await at.clock.advance(90_000);
    assert.deepEqual(at.steps, []);
    await at.stop();
  });

  test('what it said before and arrives late is corrected', async () => {
    const at = await hosts(1);
    await under(at, swap('10'));
    const old = (await at.host('rack-1')).status.compliance;
    await at.meddle('rack-1', { family: 'sysctl', key: 'vm.swappiness', value: '10' });
    await at.by('rack-1', 'base', ({ state }) => state === 'Compliant');
    await at.during(at.person.patch(Host, { name: 'rack-1' }, { status: { compliance: old } }, { subresource: 'status' }));
    await at.by('rack-1', 'base', ({ state }) => state === 'Compliant', 60_000);
    await at.stop();
  });

  test('forgets what it said once the host is under no profile', async () => {
    const at = await hosts(1);
    await under(at, swap('10'));
    await at.under('rack-1', {});
    await at.until(async () => (await at.host('rack-1')).status.compliance === undefined);
    await at.stop();
  });
});

describe('a change that cuts its host off', () => {
  const severing: [what: string, settings: object, setting: string][] = [
    ['a wrong MTU', { ...swap('10'), network: { mtu: 9216 } }, 'network mtu'],
    ['a wrong uplink', { ...swap('10'), network: { uplinks: [{ name: 'uplink1', value: 'eth2' }] } }, 'network uplink uplink1'],
    ['a firewall that drops all', { ...swap('10'), firewall: [{ name: 'lockdown', deny: {} }] }, 'firewall lockdown'],
    ['wrong DNS', { ...swap('10'), dns: { nameservers: ['203.0.113.1'] } }, 'dns nameservers'],
    [
      'one of several',
      {
        dns: { search: ['example'] },
        firewall: [
          { name: 'lockdown', deny: {} },
          { name: 'open', allow: { from: ['10.0.0.0/8'] } },
        ],
      },
      'firewall lockdown',
    ],
  ];
  for (const [what, settings, setting] of severing) {
    test(`${what}: it is undone by the host itself within the limit, which says what did it, and is not tried again`, async () => {
      const at = await hosts(1);
      const revision = await under(at, settings, { rollback: { after: '20s' } });
      await at.under(
        'rack-1',
        { base: permit(revision, 'Maintenance') },
        { by: 'Profile', profile: 'base', since: '2026-03-01T12:00:00Z' },
      );
      await at.until(async () => at.world().hostState('rack-1')?.connected === false);
      const cutAt = at.clock.monotonic();
      await at.until(async () => at.world().hostState('rack-1')?.connected === true, 60_000);
      assert.ok(at.clock.monotonic() - cutAt <= 20_000 + 15_000);
      const { undone, message, state } = await at.by('rack-1', 'base', (one) => one.undone !== undefined);
      assert.deepEqual([undone?.setting, undone?.revision, state], [setting, revision, 'NonCompliant']);
      assert.match(message, /^undone: .*did not reach its manager for 20s$/);
      assert.deepEqual(await at.during(at.world().hostPort('rack-1').settings.changed()), []);
      const steps = at.steps.length;
      await at.clock.advance(300_000);
      assert.equal(at.steps.length, steps);
      assert.equal(at.said('rack-1') <= 4, true);
      await at.setProfile('base', swap('10'));
      const other = await at.by('rack-1', 'base', (one) => one.revision !== revision);
      assert.equal(other.undone, undefined);
      await at.stop();
    });
  }

  test('a setting that cannot be written: the others are written back, and it says which', async () => {
    const at = await hosts(1);
    const revision = await under(at, { ...swap('10'), modules: ['vhost_net'] });
    at.fails = ({ family }) => family === 'modules';
    await at.under('rack-1', { base: permit(revision) });
    const { undone } = await at.by('rack-1', 'base', (one) => one.undone !== undefined);
    assert.deepEqual([undone?.setting, undone?.message], ['modules vhost_net', 'undone: modules vhost_net: Device or resource busy']);
    assert.equal(await at.value('rack-1', 'sysctl', 'vm.swappiness'), '60');
    await at.stop();
  });

  test('a host that cannot be made as it was says so, and goes on trying', async () => {
    const at = await hosts(1);
    const revision = await under(at, { ...swap('10'), modules: ['vhost_net'] });
    at.fails = ({ family, value }) => family === 'modules' || value === '60';
    await at.under('rack-1', { base: permit(revision) });
    const { message, applying } = await at.by('rack-1', 'base', (one) => one.applying === true);
    assert.match(message, /^half undone .*sysctl vm\.swappiness cannot be written back: Device or resource busy$/);
    assert.equal(applying, true);
    at.fails = ({ family }) => family === 'modules';
    await at.by('rack-1', 'base', (one) => one.undone !== undefined && one.applying !== true);
    assert.equal(await at.value('rack-1', 'sysctl', 'vm.swappiness'), '60');
    await at.stop();
  });
});

describe('a change that needs the host empty', () => {
  const claim = { by: 'Profile', profile: 'base', since: '2026-03-01T12:00:00Z' };
  const boot = { ...swap('10'), files: [{ path: '/etc/kernel/cmdline', contents: 'quiet nosmt\n' }] };

  test('waits for the claim of its own profile, and then boots the host where that is needed', async () => {
    const at = await hosts(1);
    const revision = await under(at, boot);
    assert.equal((await at.by('rack-1', 'base')).impact, 'Reboot');
    for (const [impact, claimed] of [
      ['None', claim],
      ['Maintenance', claim],
      ['Reboot', null],
      ['Reboot', { by: 'Maintenance', since: claim.since }],
      ['Reboot', { ...claim, profile: 'other' }],
    ] as const) {
      await at.under('rack-1', { base: permit(revision, impact) }, claimed);
      await at.clock.advance(60_000);
      assert.deepEqual(at.steps, []);
    }
    const before = at.world().hostState('rack-1')?.bootId;
    await at.under('rack-1', { base: permit(revision, 'Reboot') }, claim);
    await at.by('rack-1', 'base', ({ applying }) => applying === true);
    await at.by('rack-1', 'base', ({ state }) => state === 'Compliant');
    assert.notEqual(at.world().hostState('rack-1')?.bootId, before);
    assert.equal(at.steps.filter((step) => step === 'reboot').length, 1);
    assert.equal((await at.by('rack-1', 'base')).applying, undefined);
    await at.stop();
  });
});

test('no host is changed beneath a guest that needs it as it is, whatever the API says', async () => {
  const at = await hosts(1);
  const revision = await under(at, { sysctl: [{ name: 'vm.nr_hugepages', value: '64' }] });
  const { datastores, guests } = at.world().hostPort('rack-1');
  await datastores.attach([{ name: 'shared', type: 'SharedDirectory', path: '/srv' }]);
  const vm = { uid: 'u', namespace: 'shop', name: 'a' };
  const memoryFile = { datastore: 'shared', volume: 'shop/a/memory' };
  await guests.start({ id: 'g', vm, cores: 1, memoryBytes: 2 ** 30, disks: [], memoryFile }, { vm: 'u', holder: 'g' });
  const claim = { by: 'Profile', profile: 'base', since: '2026-03-01T12:00:00Z' };
  await at.under('rack-1', { base: permit(revision, 'Maintenance') }, claim);
  // The agent itself ends a guest that nobody wants; until then it runs.
  await at.until(async () => {
    const runs = (await guests.list()).length > 0;
    if (runs) assert.deepEqual(at.steps, []);
    return !runs;
  });
  await at.by('rack-1', 'base', ({ state }) => state === 'Compliant');
  await at.stop();
});

describe('extract', () => {
  const ask = async (at: Hosts, value: string): Promise<string> => {
    await at.during(at.person.patch(Host, { name: 'rack-1' }, { metadata: { annotations: { [extractAnnotation]: value } } }));
    const ref = { namespace: 'hypersphere-system', name: 'profile-of-rack-1' };
    let text: string | undefined;
    await at.until(async () => {
      const map = await at.during(at.person.get(ConfigMap, ref));
      text = map?.metadata.annotations?.[extractAnnotation] === value ? map.data?.['profile.yaml'] : undefined;
      return text !== undefined;
    });
    return text ?? '';
  };

  test('writes down what differs from how the host came, anew each time it is asked', async () => {
    const at = await hosts(1);
    assert.equal(await ask(at, '1'), '# rack-1 is as it came.\n');
    await at.meddle('rack-1', { family: 'sysctl', key: 'vm.swappiness', value: '10' });
    await at.meddle('rack-1', { family: 'files', key: '/etc/shadow', value: { mode: '0600', contents: 'secret' } });
    const text = await ask(at, '2');
    assert.match(text, /settings:\n {4}sysctl:\n {6}- name: vm\.swappiness\n {8}value: '10'\n {2}enforcement: Report\n$/);
    assert.doesNotMatch(text, /secret/);
    await at.clock.advance(120_000);
    assert.equal(at.writes.filter((line) => line.includes('configmaps')).length, 2);
    await at.stop();
  });
});

test('hosts that no profile selects cost nothing but what they are watched by', async () => {
  const at = await hosts(2);
  await at.setProfile('base', swap('10'), { hostSelector: { matchLabels: { none: 'such' } } });
  const before = at.writes.length;
  await at.clock.advance(5_000);
  assert.ok(
    at.writes.slice(before).every((line) => line.includes('/leases/') || line.includes('hostusages') || line.includes(HostPool.plural)),
  );
  assert.deepEqual(at.steps, []);
  await at.stop();
});
