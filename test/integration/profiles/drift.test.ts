import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hosts } from './hosts.ts';

test('the fault Drift changes settings of its host by hand: the agent says so, and mends what it has leave for', async () => {
  const at = await hosts(1);
  const settings = { sysctl: [{ name: 'vm.swappiness', value: '10' }], files: [{ path: '/etc/motd', contents: 'kept\n' }] };
  await at.setProfile('base', settings);
  await at.under('rack-1', { base: undefined });
  const { revision } = await at.by('rack-1', 'base');
  await at.under('rack-1', { base: { revision, impact: 'None' } });
  await at.by('rack-1', 'base', ({ state }) => state === 'Compliant');
  await at.under('rack-1', { base: undefined });
  await at.clock.advance(60_000);
  await at.makeFault('drift', { type: 'Drift', nodeName: 'rack-1', duration: '10s' });
  const { findings } = await at.by('rack-1', 'base', ({ state }) => state === 'NonCompliant', 10_000);
  assert.deepEqual(
    findings.map(({ setting }) => setting),
    ['sysctl vm.swappiness', 'files /etc/motd'],
  );
  await at.clock.advance(30_000);
  assert.equal(await at.value('rack-1', 'sysctl', 'vm.swappiness'), '100');
  await at.under('rack-1', { base: { revision, impact: 'None' } });
  await at.by('rack-1', 'base', ({ state }) => state === 'Compliant', 60_000);
  assert.equal(await at.value('rack-1', 'sysctl', 'vm.swappiness'), '10');
  await at.stop();
});
