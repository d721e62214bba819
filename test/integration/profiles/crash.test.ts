import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hosts, type Hosts } from './hosts.ts';

const good = {
  sysctl: [
    { name: 'vm.swappiness', value: '10' },
    { name: 'vm.dirty_ratio', value: '15' },
  ],
  modules: ['vhost_net'],
};
const severing = { ...good, firewall: [{ name: 'lockdown', deny: {} }] };
const boots = { ...good, files: [{ path: '/etc/kernel/cmdline', contents: 'quiet\n' }] };
const claim = { by: 'Profile', profile: 'base', since: '2026-03-01T12:00:00Z' };

type HostTrouble = 'AgentCrash' | 'PowerLoss' | 'ManagementPartition';

interface Case {
  readonly what: string;
  readonly settings: object;
  readonly ends: 'Compliant' | 'undone';
  /** How many steps the change has at least: notes, writes and boots. */
  readonly steps: number;
}

const cases: readonly Case[] = [
  { what: 'a change', settings: good, ends: 'Compliant', steps: 6 },
  { what: 'a change that is undone', settings: severing, ends: 'undone', steps: 12 },
  { what: 'a change with a boot', settings: boots, ends: 'Compliant', steps: 9 },
];

async function ended(at: Hosts, { ends }: Case): Promise<void> {
  await at.by('rack-1', 'base', (by) => (ends === 'undone' ? by.undone !== undefined : by.state === 'Compliant'), 600_000);
  await at.clock.advance(60_000);
  assert.equal((await at.by('rack-1', 'base')).applying, undefined);
  const changed = await at.during(at.world().hostPort('rack-1').settings.changed());
  assert.ok(ends === 'undone' ? changed.length === 0 : changed.length >= 3);
  assert.equal(at.world().hostState('rack-1')?.connected, true);
  assert.equal(await at.during(at.world().hostPort('rack-1').settings.kept('profiles')), await noteOf(at, ends));
}

/** What is left on the host's disk in the end: nothing but what must not be tried again. */
async function noteOf(at: Hosts, ends: Case['ends']): Promise<string | undefined> {
  if (ends === 'Compliant') return undefined;
  const { undone } = await at.by('rack-1', 'base');
  return JSON.stringify({ undone: { base: undone } });
}

/** Plays one change, and lets `fault` happen at the step of that number. @returns how many steps there were. */
async function play(one: Case, number: number, side: 'before' | 'after', type: HostTrouble): Promise<number> {
  const at = await hosts(1);
  await at.setProfile('base', one.settings, { rollback: { after: '10s' } });
  await at.under('rack-1', { base: undefined });
  const { revision, impact } = await at.by('rack-1', 'base');
  let count = 0;
  let happened = false;
  at.onStep = (_step, when) => {
    if (when === 'before') count++;
    if (count !== number || when !== side || happened) return;
    happened = true;
    const world = at.world();
    void world.inject({ type, host: 'rack-1' }).then((end) => at.clock.sleep(3_000).then(end));
  };
  await at.under('rack-1', { base: { revision, impact } }, claim);
  await ended(at, one);
  await at.stop();
  return count;
}

for (const one of cases) {
  describe(`${one.what}, whatever happens while it is made`, () => {
    for (const type of ['AgentCrash', 'PowerLoss', 'ManagementPartition'] as const) {
      test(`${type} at each of its steps: in the end it is ${one.ends}, all of it, and said`, async () => {
        const steps = await play(one, 0, 'before', type);
        assert.ok(steps >= one.steps, `${String(steps)} steps`);
        for (let number = 1; number <= steps; number++) {
          await play(one, number, 'before', type);
          // A network that is cut a moment later is the next step's.
          if (type !== 'ManagementPartition') await play(one, number, 'after', type);
        }
      });
    }
  });
}
