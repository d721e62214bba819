import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { place, placeErrand, withoutCounts, type Candidate, type Newcomer, type Resident } from './placement.ts';

const gib = 1024 ** 3;

function host(name: string, more: Partial<Candidate> = {}): Candidate {
  return {
    name,
    labels: { 'kubernetes.io/hostname': name },
    taints: [],
    cordoned: false,
    ready: true,
    cores: 16,
    capacity: { milliCores: 16_000, memoryBytes: 64 * gib },
    taken: { milliCores: 0, memoryBytes: 0 },
    residents: [],
    ...more,
  };
}

function vm(more: Partial<Newcomer> = {}): Newcomer {
  return {
    namespace: 'shop',
    name: 'new',
    labels: { app: 'web' },
    placement: {},
    cores: 2,
    takes: { milliCores: 0, memoryBytes: gib },
    ...more,
  };
}

const apart = (required: boolean) => ({ labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname', required });
const web = (more: Partial<Resident> = {}): Resident => ({
  namespace: 'shop',
  name: 'old',
  labels: { app: 'web' },
  antiAffinity: [],
  ...more,
});

function hostOf(newcomer: Newcomer, ...candidates: Candidate[]): string {
  const placement = place(newcomer, candidates);
  return 'host' in placement ? placement.host : placement.message;
}

describe('place: where a VM may go (rule 5)', () => {
  it('takes the host that is left with the largest share of free memory', () => {
    assert.equal(hostOf(vm(), host('a', { taken: { milliCores: 0, memoryBytes: 10 * gib } }), host('b')), 'b');
  });

  it('gives the same answer whatever the order of the hosts', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }),
        (names) => hostOf(vm(), ...names.map((name) => host(name))) === 'a',
      ),
    );
  });

  it('says in figures why no host will do, the commonest reason first', () => {
    const full = { taken: { milliCores: 0, memoryBytes: 64 * gib } };
    const zone = (name: string) => host(name, { labels: { zone: 'b' } });
    const inZone = (name: string) => host(name, { ...full, labels: { zone: 'a' } });
    const candidates = [...['1', '2', '3'].map(zone), ...['4', '5', '6', '7', '8'].map(inZone)];
    assert.deepEqual(place(vm({ placement: { nodeSelector: { zone: 'a' } } }), candidates), {
      message: '0/8 hosts: 5 too little memory, 3 not in zone a',
    });
  });

  it('says so when there are no hosts at all', () => {
    assert.deepEqual(place(vm(), []), { message: '0/0 hosts: the host cluster has no hosts' });
  });

  const refusals: [string, Partial<Newcomer>, Partial<Candidate>, string][] = [
    ['a host that does not answer', {}, { ready: false }, 'not ready'],
    ['a cordoned host', {}, { cordoned: true }, 'cordoned'],
    ['a host that is kept for the death of others', {}, { spare: true }, 'kept for the death of others'],
    ['a host with a planned change', {}, { claimedBy: 'Maintenance', cordoned: true }, 'claimed for maintenance'],
    [
      'a taint',
      {},
      { taints: [{ key: 'maintenance', value: 'disk', effect: 'NoSchedule' }] },
      'with taint maintenance=disk that is not tolerated',
    ],
    ['a NoExecute taint of a person', {}, { taints: [{ key: 'broken', effect: 'NoExecute' }] }, 'with taint broken that is not tolerated'],
    ['more memory than is free', { takes: { milliCores: 0, memoryBytes: 65 * gib } }, {}, 'too little memory'],
    ['more reserved CPU than is free', { takes: { milliCores: 16_001, memoryBytes: 1 } }, {}, 'too little unreserved CPU'],
    ['more cores than the host has', { cores: 17 }, {}, 'too few cores'],
    ['a host without its local disks', { boundTo: 'elsewhere' }, {}, 'without its local disks (they are on elsewhere)'],
    [
      'a host that has one it must be away from',
      { placement: { antiAffinity: [apart(true)] } },
      { residents: [web()] },
      'taken by VMs it must be away from',
    ],
    [
      'a host whose VMs must be away from it',
      {},
      { residents: [web({ antiAffinity: [apart(true)] })] },
      'with VMs that must be away from it',
    ],
    [
      'a host without those it must be near to',
      { labels: {}, placement: { affinity: [apart(true)] } },
      {},
      'without VMs it must be near to',
    ],
  ];
  for (const [what, newcomer, candidate, reason] of refusals) {
    it(`refuses ${what}`, () => {
      assert.equal(hostOf(vm(newcomer), host('h', candidate)), `0/1 hosts: 1 ${reason}`);
    });
  }

  it('ignores taints that Kubernetes set because it lost sight of a node, and that of simulated nodes', () => {
    const taints = [
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' as const },
      { key: 'hypersphere.io/simulated', effect: 'NoSchedule' as const },
    ];
    assert.equal(hostOf(vm(), host('h', { taints })), 'h');
  });

  it('tolerates what the VM tolerates: by key, by value, by effect, or everything', () => {
    const tainted = host('h', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });
    const ok = (toleration: object): boolean => hostOf(vm({ placement: { tolerations: [toleration] } }), tainted) === 'h';
    assert.equal(ok({ key: 'gpu', operator: 'Exists' }), true);
    assert.equal(ok({ key: 'gpu', value: 'yes' }), true);
    assert.equal(ok({ operator: 'Exists' }), true);
    assert.equal(ok({ key: 'gpu', value: 'no' }), false);
    assert.equal(ok({ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }), false);
    assert.equal(ok({ key: 'other', operator: 'Exists' }), false);
  });

  it('prefers, but does not insist on, what is not required', () => {
    const near = vm({ labels: {}, placement: { affinity: [apart(false)] } });
    assert.equal(hostOf(near, host('a'), host('b', { residents: [web()] })), 'b');
    const away = vm({ placement: { antiAffinity: [apart(false)] } });
    assert.equal(hostOf(away, host('a', { residents: [web()] }), host('b', { taken: { milliCores: 0, memoryBytes: gib } })), 'b');
    assert.equal(hostOf(away, host('a', { residents: [web()] })), 'a');
    assert.equal(
      hostOf(
        vm(),
        host('a', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }),
        host('b', { taken: { milliCores: 0, memoryBytes: gib } }),
      ),
      'b',
    );
  });

  it('lets the first of a group that wants to be together go anywhere', () => {
    assert.equal(hostOf(vm({ placement: { affinity: [apart(true)] } }), host('a')), 'a');
  });

  it('counts places by the topology key, over several hosts', () => {
    const inZone = (name: string, zone: string, residents: Resident[] = []) => host(name, { labels: { zone }, residents });
    const newcomer = vm({ placement: { antiAffinity: [{ ...apart(true), topologyKey: 'zone' }] } });
    assert.equal(hostOf(newcomer, inZone('a', 'x', [web()]), inZone('b', 'x'), inZone('c', 'y')), 'c');
  });

  it('has eyes for VMs of the same namespace only', () => {
    assert.equal(hostOf(vm({ placement: { antiAffinity: [apart(true)] } }), host('a', { residents: [web({ namespace: 'other' })] })), 'a');
    const keeper = web({ namespace: 'other', antiAffinity: [apart(true)] });
    assert.equal(hostOf(vm(), host('a', { residents: [keeper] })), 'a');
  });

  it('never chooses a host without room, whatever the fleet looks like', () => {
    const fleet = fc.array(fc.record({ total: fc.integer({ min: 1, max: 64 }), taken: fc.integer({ min: 0, max: 64 }) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fleet, fc.integer({ min: 1, max: 70 }), (sizes, size) => {
        const hosts = sizes.map(({ total, taken }, index) =>
          host(`h${String(index)}`, { capacity: { milliCores: 1, memoryBytes: total }, taken: { milliCores: 0, memoryBytes: taken } }),
        );
        const placement = place(vm({ takes: { milliCores: 0, memoryBytes: size } }), hosts);
        const chosen = 'host' in placement ? hosts.find(({ name }) => name === placement.host) : undefined;
        const room = hosts.filter((one) => one.capacity.memoryBytes - one.taken.memoryBytes >= size);
        return chosen === undefined ? room.length === 0 : room.includes(chosen);
      }),
    );
  });
});

describe('placeErrand: where work goes that concerns no guest', () => {
  const full = { taken: { milliCores: 99_000, memoryBytes: 99 * gib } };
  const errand = (...candidates: Candidate[]): string => {
    const placement = placeErrand(candidates);
    return 'host' in placement ? placement.host : placement.message;
  };
  it('is any host that answers: full, tainted, or cordoned or claimed if there is no other', () => {
    const taints = [{ key: 'x', effect: 'NoExecute' as const }];
    assert.equal(errand(host('a', { cordoned: true }), host('b', { ...full, taints })), 'b');
    assert.equal(errand(host('a', { cordoned: true }), host('b', { ready: false })), 'a');
    assert.equal(errand(host('a', { claimedBy: 'Maintenance' }), host('b', { ...full, taints })), 'b');
  });
  it('is nowhere while none answers', () => {
    assert.equal(errand(host('a', { ready: false }), host('b', { ready: false })), '0/2 hosts: 2 not ready');
    assert.equal(errand(), '0/0 hosts: the host cluster has no hosts');
  });
});

describe('withoutCounts: what a refusal says, figures aside', () => {
  it('is the same while only figures and their order change', () => {
    const said = withoutCounts('0/8 hosts: 5 too little memory, 3 not in zone a');
    assert.equal(withoutCounts('0/57 hosts: 40 not in zone a, 17 too little memory'), said);
    assert.notEqual(withoutCounts('0/8 hosts: 8 too little memory'), said);
    assert.notEqual(withoutCounts('0/8 hosts: 5 too little memory, 3 not in zone b'), said);
  });
  it('leaves out hosts that are not ready, unless none is', () => {
    assert.equal(withoutCounts('0/9 hosts: 8 cordoned, 1 not ready'), withoutCounts('0/8 hosts: 8 cordoned'));
    assert.notEqual(withoutCounts('0/8 hosts: 8 not ready'), withoutCounts('0/8 hosts: 8 cordoned'));
  });
  it('leaves other words alone', () => {
    assert.equal(withoutCounts('runs on host-3'), 'runs on host-3');
    assert.notEqual(withoutCounts('0/0 hosts: the host cluster has no hosts'), withoutCounts('0/1 hosts: 1 not ready'));
  });
});
