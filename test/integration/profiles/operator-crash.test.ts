import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostProfile } from '../../../src/api/host-profile.ts';
import { Host } from '../../../src/api/host.ts';
import type { ApiRequest } from '../../../src/meta/control-plane.ts';
import { full } from '../../tools/full.ts';
import { says, startFleet, startOperator, type Fleet } from '../fleet/fleet.ts';

interface Case {
  readonly what: string;
  readonly settings: object;
  readonly ends: string;
  /** What the hosts have in the end. */
  readonly pages: readonly string[];
}

const pages = { sysctl: [{ name: 'vm.nr_hugepages', value: '512' }] };
const cases: readonly Case[] = [
  { what: 'a change that needs hosts empty', settings: pages, ends: 'Ready=True Compliant', pages: ['512', '512'] },
  {
    what: 'a change that cuts its first host off',
    settings: { ...pages, network: { mtu: 9216 } },
    ends: 'Stalled=True CanaryFailed',
    pages: ['0', '0'],
  },
];

const spec = { hostSelector: {}, enforcement: 'Remediate', rollback: { after: '10s' }, rollout: { soak: '0s', maxUnavailable: 1 } };

function isStep({ method, path }: ApiRequest): boolean {
  return method === 'PATCH' && (path.endsWith('/hostprofiles/base/status') || /\/hosts\/[^/]+\/status$/.test(path));
}

/** Plays the change; the operator dies as it writes the step of that number. @returns how many steps there were. */
async function play({ settings, ends, pages: wanted }: Case, number: number, side: 'before' | 'after'): Promise<number> {
  let count = 0;
  let counts = false;
  let die = (): Promise<never> => assert.fail('it dies before it has begun');
  const fleet = await startFleet(2, {}, (controlPlane) => async (request, signal) => {
    const isIt = counts && isStep(request) && ++count === number;
    if (isIt && side === 'before') return die();
    const answer = await controlPlane(request, signal);
    return isIt ? die() : answer;
  });
  await fleet.makeVm('a');
  await fleet.untilReady('a');
  die = () => {
    fleet.operator.hold();
    startOperator(fleet, 'other');
    return new Promise(() => undefined);
  };
  counts = true;
  await fleet.during(fleet.person.apply(HostProfile, { name: 'base' }, { spec: { ...spec, settings } }, { fieldManager: 'person' }));
  await ended(fleet, ends);
  assert.deepEqual(await pagesOf(fleet), wanted);
  assert.ok(fleet.lives().every(({ to }) => to === undefined || to.by === 'Paused'));
  await fleet.stop();
  return count;
}

/** The profile says how it ended, and every host has been given back and says how it is. */
async function ended(fleet: Fleet, ends: string): Promise<void> {
  const type = ends.slice(0, ends.indexOf('='));
  await fleet.until(async () => {
    const profile = await fleet.during(fleet.person.get(HostProfile, { name: 'base' }));
    return profile !== undefined && says(profile, type) === ends;
  }, 300_000);
  await fleet.until(async () => {
    const { items } = await fleet.during(fleet.person.list(Host));
    return items.every(({ status }) => status.claim === undefined && status.compliance?.[0]?.applying === undefined);
  });
}

async function pagesOf(fleet: Fleet): Promise<unknown[]> {
  const key = { family: 'sysctl', key: 'vm.nr_hugepages' } as const;
  const read = ['rack-1', 'rack-2'].map((host) => fleet.world().hostPort(host).settings.read([key]));
  return (await fleet.during(Promise.all(read))).map(([one]) => (one !== undefined && 'value' in one ? one.value : undefined));
}

for (const one of cases)
  describe(`${one.what}, whatever its operator writes when it dies`, () => {
    test(`in the end it says ${one.ends}, no host is kept and no VM has restarted`, async () => {
      const steps = await play(one, 0, 'before');
      assert.ok(steps >= 8, `${String(steps)} steps`);
      for (let number = 1; number <= steps; number += full ? 1 : 6) {
        if (full || number % 4 === 3) await play(one, number, 'before');
        if (full || number % 4 === 1) await play(one, number, 'after');
      }
    });
  });
