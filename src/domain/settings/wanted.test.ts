import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aProfile } from '../../../test/builders/profiles.ts';
import type { HostSettings } from '../../api/host-settings.ts';
import type { Change } from './family.ts';
import { complianceOf, planOf, unknownCompliance, type Found } from './look.ts';
import { settingsHash, wantedOf } from './wanted.ts';

const swap = (value: string): HostSettings => ({ sysctl: [{ name: 'vm.swappiness', value }] });
const words = (...profiles: Parameters<typeof wantedOf>[0]): unknown[] =>
  wantedOf(profiles, {}).map(({ profile, settings, conflicts }) => [
    profile,
    settings.length,
    ...conflicts.map(({ with: other, counts }) => `${other} ${String(counts)}`),
  ]);

describe('several profiles of one host', () => {
  test('want different things: that of the higher priority counts, and both say so', () => {
    assert.deepEqual(words(aProfile('a', swap('10')), aProfile('b', swap('20'), { priority: 5 })), [
      ['b', 1, 'a true'],
      ['a', 0, 'b false'],
    ]);
  });

  test('of equal priority: the first by name, whichever is older', () => {
    const young = aProfile('a', swap('10'), {}, { creationTimestamp: '2027-01-01T00:00:00Z' });
    assert.deepEqual(words(aProfile('b', swap('20')), young), [
      ['a', 1, 'b true'],
      ['b', 0, 'a false'],
    ]);
  });

  test('that want the same, or different sides of one thing, agree', () => {
    assert.deepEqual(words(aProfile('a', swap('10')), aProfile('b', swap('10'))), [
      ['a', 1],
      ['b', 1],
    ]);
    const enabled: HostSettings = { services: [{ name: 'chrony', enabled: true }] };
    const running: HostSettings = { services: [{ name: 'chrony', running: true }] };
    assert.deepEqual(words(aProfile('a', enabled), aProfile('b', running)), [
      ['a', 1],
      ['b', 1],
    ]);
    const stopped: HostSettings = { services: [{ name: 'chrony', enabled: true, running: false }] };
    assert.equal(words(aProfile('a', running), aProfile('b', stopped)).flat().length, 6);
  });
});

describe('a revision', () => {
  const revision = (settings: HostSettings, answers = {}): string => wantedOf([aProfile('a', settings)], answers)[0]?.revision ?? '';
  const asked: HostSettings = { sysctl: [{ name: 'vm.swappiness', valueFrom: { answer: 'swap' } }] };

  test('is another when the settings, or the answers of the host, are others; else the same', () => {
    assert.equal(revision(swap('10')), revision(swap('10')));
    assert.notEqual(revision(swap('10')), revision(swap('20')));
    assert.notEqual(revision(asked, { swap: '1' }), revision(asked, { swap: '2' }));
    assert.notEqual(revision(asked, { swap: '1' }), revision(asked));
    assert.equal(revision(asked, { swap: '1', other: 'x' }), revision(asked, { swap: '1' }));
  });

  test('is another after each change of the profile, so that leave for settings of old is none when they come back', () => {
    const at = (generation: number): string => wantedOf([aProfile('a', swap('1'), {}, { generation })], {})[0]?.revision ?? '';
    assert.notEqual(at(1), at(3));
  });

  test('the roll-out of a profile is told by what it says, not by what hosts answer', () => {
    assert.equal(settingsHash(aProfile('a', swap('1'))), settingsHash(aProfile('b', swap('1'), { priority: 3 })));
    assert.notEqual(settingsHash(aProfile('a', swap('1'))), settingsHash(aProfile('a', swap('2'))));
  });
});

describe('what a host is by a profile', () => {
  const settings: HostSettings = { ...swap('10'), modules: ['vhost_net'], network: { mtu: 9000 } };
  const [wanted] = wantedOf([aProfile('base', settings)], {});
  assert.ok(wanted !== undefined);
  const found = (swappiness: string): Found[] => [
    { family: 'sysctl', key: 'vm.swappiness', value: swappiness },
    { family: 'modules', key: 'vhost_net', value: 'loaded' },
    { family: 'network', key: 'mtu', value: '9000' },
  ];
  const never = (): undefined => undefined;

  test('Compliant: nothing differs', () => {
    const plan = planOf(wanted, found('10'), never);
    assert.deepEqual([plan.changes, plan.impact, plan.refused], [[], 'None', undefined]);
    const { state, findings, impact } = complianceOf({ wanted, plan });
    assert.deepEqual([state, findings, impact], ['Compliant', [], 'None']);
  });

  test('NonCompliant: what differs, what it should be, and what mending it would do to the host', () => {
    const far: Found[] = [...found('60').slice(0, 2), { family: 'network', key: 'mtu', value: '1500' }];
    const { state, findings, impact, message } = complianceOf({ wanted, plan: planOf(wanted, far, never) });
    assert.deepEqual(findings, [
      { setting: 'sysctl vm.swappiness', expected: '10', found: '60' },
      { setting: 'network mtu', expected: '9000', found: '1500' },
    ]);
    assert.deepEqual([state, impact, message], ['NonCompliant', 'Maintenance', 'sysctl vm.swappiness is 60, not 10, and 1 more']);
  });

  test('refused: what the host does not know, what it could not be given, what it has no answer for, what another profile overrules', () => {
    const unknown: Found[] = [{ family: 'sysctl', key: 'vm.swappiness', refused: 'No such file' }, ...found('10').slice(1)];
    assert.equal(planOf(wanted, unknown, never).refused, 'sysctl vm.swappiness: No such file');
    const invalid = (change: Change): string | undefined => (change.family === 'sysctl' ? 'Invalid argument' : undefined);
    assert.equal(planOf(wanted, found('60'), invalid).refused, 'sysctl vm.swappiness: Invalid argument');
    assert.equal(planOf(wanted, [], never).refused?.split('; ').length, 3);
    const [lacking] = wantedOf([aProfile('a', { sysctl: [{ name: 'vm.swappiness', valueFrom: { answer: 'swap' } }] })], {});
    assert.ok(lacking !== undefined);
    const { state, refused } = complianceOf({ wanted: lacking, plan: planOf(lacking, [], never) });
    assert.deepEqual([state, refused], ['NonCompliant', 'sysctl vm.swappiness: spec.answers of the Host has no swap']);
    const [, loser] = wantedOf([aProfile('a', swap('1')), aProfile('b', swap('2'))], {});
    assert.ok(loser !== undefined);
    const overruled = planOf(loser, [], never).refused;
    assert.equal(overruled, 'sysctl vm.swappiness: profile a wants another value, and its word counts');
  });

  test('what is said stays within its bounds, however much differs', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ name: `a.b${String(index)}`, value: 'x'.repeat(256) }));
    const [large] = wantedOf([aProfile('a', { sysctl: many })], {});
    assert.ok(large !== undefined);
    const all = many.map(({ name }): Found => ({ family: 'sysctl', key: name, value: 'y'.repeat(300) }));
    const { findings, message } = complianceOf({ wanted: large, plan: planOf(large, all, never) });
    assert.equal(findings.length, 16);
    assert.ok(findings.every((finding) => finding.found.length <= 256 && finding.expected.length <= 256));
    assert.ok(message.length <= 1024);
    const refused = complianceOf({ wanted: large, plan: planOf(large, [], never) }).refused ?? '';
    assert.ok(refused.length > 900 && refused.length <= 1024);
  });

  test('Unknown: it could not look', () => {
    assert.deepEqual(unknownCompliance(wanted, 'it failed'), {
      profile: 'base',
      revision: wanted.revision,
      state: 'Unknown',
      impact: 'None',
      message: 'it failed',
      findings: [],
    });
  });
});
