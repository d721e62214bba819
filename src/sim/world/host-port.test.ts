import { arbiterContract } from '../../../test/contract/arbiter.ts';
import { hostPortContract } from '../../../test/contract/host-port.ts';
import { worldBench } from './test-support.ts';

const gibibyte = 2 ** 30;

hostPortContract('a simulated host', async () => {
  const bench = await worldBench();
  const { clock, world } = bench;
  for (const name of ['a', 'b'])
    await world.ensure({ name, cores: 4, memoryBytes: 8 * gibibyte, guestBootMs: 4000, nicBitsPerSecond: 1e10 });
  await clock.until(() => bench.agents.length === 2, 60_000);
  return {
    a: world.hostPort('a'),
    b: world.hostPort('b'),
    paths: { shared: '/srv/hypersphere', local: '/var/lib/hypersphere' },
    guestMemoryBytes: gibibyte,
    nic: 'eth1',
    tooLargeBytes: 2 ** 52,
    during: bench.during,
    until: async (so) => {
      for (let second = 0; !(await so()); second++) {
        if (second > 600) throw new Error('not so within 10 minutes');
        await clock.advance(1000);
      }
    },
    dispose: () => world.close(),
  };
});

arbiterContract('the lease on a simulated datastore', async () => {
  const { agents, clock, world } = await worldBench();
  for (const name of ['a', 'b'])
    await world.ensure({ name, cores: 4, memoryBytes: 8 * gibibyte, guestBootMs: 4000, nicBitsPerSecond: 1e10 });
  await clock.until(() => agents.length === 2, 60_000);
  const shared = { name: 'shared', type: 'SharedDirectory' as const, path: '/srv/hypersphere' };
  for (const name of ['a', 'b']) await world.hostPort(name).datastores.attach([shared]);
  return {
    at: (host) => world.hostPort(host).datastores.arbiter('shared'),
    held: async (host) => (await world.hostPort(host).datastores.held()).map(({ vm, holder }) => ({ vm, holder })),
    dispose: () => world.close(),
  };
});
