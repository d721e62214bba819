import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badProfiles } from '../../manifests/bad-profiles.ts';
import { refusedProfiles } from '../../manifests/refused-profiles.ts';
import { hosts } from './hosts.ts';

const claim = { by: 'Profile', profile: 'base', since: '2026-03-01T12:00:00Z' };
/** What could be given to the host, beside what could not. */
const good = { time: { servers: ['ntp1.example'] } };

test('a hundred bad profiles, by what a control plane refuses and what a host does', () => {
  assert.ok(badProfiles.length + refusedProfiles.length >= 100, String(badProfiles.length + refusedProfiles.length));
});

test('of what a host cannot be given its agent says why, and changes nothing of the profile, leave or not', async (t) => {
  const at = await hosts(1);
  let before = '';
  for (const { what, settings, says, beside } of refusedProfiles)
    await t.test(what, async () => {
      if (beside !== undefined) await at.setProfile('first', beside, { priority: 10, enforcement: 'Report' });
      const others = beside === undefined ? {} : { first: undefined };
      await at.setProfile('base', { ...settings, ...good });
      await at.under('rack-1', { ...others, base: undefined });
      const {
        refused = '',
        state,
        revision,
      } = await at.by('rack-1', 'base', (one) => one.revision !== before && one.refused !== undefined);
      before = revision;
      assert.match(refused, says);
      assert.equal(state, 'NonCompliant');
      await at.under('rack-1', { ...others, base: { revision, impact: 'Reboot' } }, claim);
      await at.clock.advance(10_000);
      assert.deepEqual(at.steps, []);
    });
  assert.deepEqual(await at.during(at.world().hostPort('rack-1').settings.changed()), []);
  await at.stop();
});
