import { arbiterContract } from '../../../test/contract/arbiter.ts';
import { hostPortContract } from '../../../test/contract/host-port.ts';
import { addressRequest, ipFrame } from './network/frame.ts';
import { worldBench, type WorldBench } from './test-support.ts';

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
    reaches: (vm, address) => echoed(bench, vm, address),
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

async function echoed({ clock, world }: WorldBench, vm: string, address: string): Promise<boolean> {
  const nic = world.nic({ namespace: 'shop', name: vm }, 'eth0');
  if (nic === undefined) return false;
  const [own = ''] = nic.addresses();
  // As the guest was told: its port may think otherwise.
  const said = vm === 'g1' ? '10.9.0.1' : own;
  let mac: string | undefined;
  let isAnswered = false;
  const stop = nic.hear(({ payload, src }) => {
    if (payload.type === 'ARP' && payload.operation === 'Reply' && payload.senderAddress === address) mac = src;
    if (payload.type === 'IP' && payload.flags.reply === true && payload.src === address) isAnswered = true;
  });
  nic.send(addressRequest(nic.mac(), said, address));
  await clock.advance(100);
  if (mac !== undefined) nic.send(ipFrame(nic.mac(), mac, { src: said, dst: address, protocol: 'ICMP', srcPort: 1, dstPort: 1 }));
  await clock.advance(100);
  stop();
  return isAnswered;
}

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
