/** Guests on simulated hosts that talk over a switch, for tests. */
import type { EffectivePort, HostSwitch } from '../../../api/effective-port.ts';
import { must } from '../../../base/errors.ts';
import { guestSpec, hardware, startGuest, worldBench, type WorldBench, type WorldBenchOptions } from '../test-support.ts';
import type { SimulatedHost } from '../../../ports/world.ts';
import { addressRequest, ipFrame, isGroup, rawFrame, type Frame, type IpWords } from './frame.ts';
import type { GuestNic } from './guest-nic.ts';
import type { Outsider, OutsiderSpec } from './outside.ts';

export interface SwitchBench extends WorldBench {
  /** Puts a VM with one NIC on a host: `web` is guest `web-1` with port `shop/web.eth0`. Its number gives it its MAC and address. */
  vm(host: string, name: string, change?: Partial<EffectivePort>): Promise<Talker>;
  /** Changes the switch on all hosts. */
  change(change: Partial<HostSwitch>): Promise<void>;
  /** Changes a port where it is. */
  changePort(name: string, change: Partial<EffectivePort>): Promise<void>;
  /** Lets the target of a move have its port. */
  putPort(host: string, port: EffectivePort): Promise<void>;
  portOf(name: string): EffectivePort;
  outsider(change?: Partial<OutsiderSpec>): Outsider;
  /** Lets frames arrive. */
  settle(): Promise<void>;
}

/** A VM, and all frames that it heard. */
export interface Talker {
  readonly name: string;
  readonly mac: string;
  readonly address: string;
  readonly heard: Frame[];
  /** As its guest has it now. */
  nic(): GuestNic;
  /** An IP packet of its own to another. */
  say(to: { readonly mac: string; readonly address: string }, words?: Partial<IpWords>): void;
  /** What it heard of this, as it was sent by `raw`. */
  texts(): string[];
}

export const prod: HostSwitch = {
  name: 'prod',
  engine: 'Default',
  mtu: 1500,
  uplinks: [
    { name: 'uplink1', nic: 'eth1' },
    { name: 'uplink2', nic: 'eth2' },
  ],
  teaming: 'ActiveStandby',
  overlay: 'None',
  privateVlans: [
    { primary: 100, secondary: 100, type: 'Promiscuous' },
    { primary: 100, secondary: 101, type: 'Community' },
    { primary: 100, secondary: 102, type: 'Isolated' },
    { primary: 100, secondary: 103, type: 'Community' },
  ],
};

const open = { promiscuous: false, macChanges: false, forgedTransmits: false };

function portFor(number: number, name: string): EffectivePort {
  const hex = number.toString(16).padStart(2, '0');
  return {
    id: `shop/${name}.eth0`,
    guest: `${name}-1`,
    nic: 'eth0',
    switch: 'prod',
    group: 'web',
    mac: `02:00:00:00:00:${hex}`,
    addresses: [`10.0.0.${String(number)}`],
    vlan: { type: 'Access', id: 10 },
    mtu: 1500,
    blocked: false,
    shaping: {},
    security: open,
    firewall: [],
    mirrors: [],
    mirrorDestination: false,
  };
}

export interface SwitchBenchOptions extends WorldBenchOptions {
  readonly hosts?: readonly string[];
  readonly change?: Partial<HostSwitch>;
  readonly hardware?: Partial<SimulatedHost>;
  /** Of each VM. */
  readonly memoryBytes?: number;
}

export async function switchBench(options: SwitchBenchOptions = {}): Promise<SwitchBench> {
  const { hosts = ['a', 'b'] } = options;
  const bench = await worldBench(options);
  for (const name of hosts) await bench.world.ensure({ ...hardware(name), guestBootMs: 10, ...options.hardware });
  await bench.clock.until(() => bench.agents.length === hosts.length, 60_000);
  const shared = { name: 'shared', type: 'SharedDirectory', path: '/srv' } as const;
  for (const name of hosts) await bench.world.hostPort(name).datastores.attach([shared]);
  let config: HostSwitch = { ...prod, ...options.change };
  const ports = new Map<string, EffectivePort[]>(hosts.map((host) => [host, []]));
  const apply = async (host: string): Promise<void> => {
    await bench.world.hostPort(host).switching.apply({ switches: [config], ports: ports.get(host) ?? [] });
  };
  const putPort = async (host: string, port: EffectivePort): Promise<void> => {
    const others = (ports.get(host) ?? []).filter(({ id }) => id !== port.id);
    ports.set(host, [...others, port]);
    await apply(host);
  };
  const hostOf = (name: string): string =>
    must(
      hosts.findLast((host) => ports.get(host)?.some(({ id }) => id === `shop/${name}.eth0`)),
      name,
    );
  const portOf = (name: string): EffectivePort =>
    must(
      ports.get(hostOf(name))?.find(({ id }) => id === `shop/${name}.eth0`),
      name,
    );
  for (const host of hosts) await apply(host);
  let made = 0;
  return Object.assign(bench, {
    putPort,
    portOf,
    vm: async (host: string, name: string, change: Partial<EffectivePort> = {}) => {
      const port = { ...portFor(++made, name), ...change };
      await putPort(host, port);
      await startGuest(bench, host, { ...guestSpec(`${name}-1`, name), memoryBytes: options.memoryBytes ?? 2 ** 26 });
      await bench.clock.advance(20);
      return talker(bench, name, port);
    },
    change: async (change: Partial<HostSwitch>) => {
      config = { ...config, ...change };
      for (const host of hosts) await apply(host);
    },
    changePort: (name: string, change: Partial<EffectivePort>) => putPort(hostOf(name), { ...portOf(name), ...change }),
    outsider: (change: Partial<OutsiderSpec> = {}) =>
      bench.world.outsider({
        name: 'router',
        mac: '06:00:00:00:00:fe',
        addresses: ['10.0.0.254'],
        vlans: [[0, 4094]],
        untagged: 10,
        ...change,
      }),
    settle: () => bench.clock.advance(20),
  });
}

function talker(bench: WorldBench, name: string, { addresses, mac }: EffectivePort): Talker {
  const heard: Frame[] = [];
  const address = addresses[0] ?? '';
  const nic = (): GuestNic => must(bench.world.nic({ namespace: 'shop', name }, 'eth0'), `the NIC of ${name}`);
  nic().hear((frame) => heard.push(frame));
  return {
    name,
    mac,
    address,
    heard,
    nic,
    say: (to, words = {}) => {
      nic().send(ipFrame(mac, to.mac, { src: address, dst: to.address, protocol: 'UDP', srcPort: 5000, dstPort: 5000, ...words }));
    },
    texts: () => heard.flatMap(({ payload }) => (payload.type === 'Raw' ? [payload.text] : [])),
  };
}

export const forAll = 'ff:ff:ff:ff:ff:ff';
export { addressRequest, ipFrame, isGroup, rawFrame };
