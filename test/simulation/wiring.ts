/** The user's switch, its groups and what uplinks are on each host; and how they change. */
import type { EffectivePort } from '../../src/api/effective-port.ts';
import { DistributedSwitch } from '../../src/api/distributed-switch.ts';
import { Host } from '../../src/api/host.ts';
import { PortGroup } from '../../src/api/port-group.ts';
import type { Client } from '../../src/kube/types.ts';
import { hostName } from '../../src/sim/host-names.ts';
import type { Plan, switchEvents } from './plan.ts';

export type Rewiring = Exclude<(typeof switchEvents)[number], 'LinkDown'>;

export interface Wiring {
  install(): Promise<void>;
  rewire(kind: Rewiring, host: string, target: number): () => void;
  rewired(): void;
  /** Whether the API has taken all that was wished. */
  content(): boolean;
  /** Whether a port does as its group was last wished to. */
  isAsWished(port: EffectivePort): boolean;
}

/** Frames that large are lost on the wires of the simulation's hosts. */
const cuttingMtu = 9000;

interface Wanted {
  mtu: number;
  average: number;
  closed: boolean;
  readonly answers: Map<string, string>;
}

/** @param repeat until it has gone well. */
export function wiring({ hosts, scenario }: Plan, client: Client, repeat: (work: () => Promise<boolean>) => Promise<void>): Wiring {
  const isWired = scenario === 'switch' || scenario === 'ft';
  const usual = (): Omit<Wanted, 'answers' | 'average'> => ({ mtu: 1500, closed: false });
  const want: Wanted = { ...usual(), average: 100, answers: new Map() };
  const names = Array.from({ length: hosts }, (_, index) => hostName('rack', index + 1));
  let version = 0;
  let taken = 0;
  let busy = false;
  const write = async (): Promise<boolean> => {
    const now = version;
    for (const name of names)
      await client.apply(Host, { name }, { spec: { answers: { uplink1: want.answers.get(name) ?? 'eth0' } } }, byAnswers);
    await client.apply(DistributedSwitch, { name: 'prod' }, { spec: { ...prod, mtu: want.mtu } }, by);
    await client.apply(PortGroup, { name: 'web' }, { spec: webWith(want.average) }, by);
    await client.apply(PortGroup, { name: 'db' }, { spec: { ...db, ...(want.closed ? {} : { namespaceSelector: {} }) } }, by);
    taken = now;
    return version === now;
  };
  const sync = (): void => {
    version++;
    if (busy) return;
    busy = true;
    void repeat(write).then(() => (busy = false));
  };
  return {
    install: () => (isWired ? repeat(write) : Promise.resolve()),
    rewire: (kind, host, target) => {
      if (kind === 'PolicyChange') want.average = 10 + (target % 90);
      if (kind === 'GroupClosed') want.closed = true;
      if (kind === 'SwitchChange') want.mtu = 1400 + (target % 100);
      if (kind === 'CutOff') want.mtu = cuttingMtu;
      if (kind === 'Answers') want.answers.set(host, 'eth1');
      sync();
      return () => {
        if (kind === 'Answers') want.answers.delete(host);
        else if (kind !== 'PolicyChange') Object.assign(want, usual());
        sync();
      };
    },
    rewired: () => {
      if (scenario !== 'switch') return;
      Object.assign(want, usual());
      want.answers.clear();
      sync();
    },
    content: () => version === taken,
    isAsWished: ({ blocked, group, mtu, shaping, vlan }) => {
      const isWeb = group === 'web';
      const inVlan = vlan.type === 'Access' && vlan.id === (isWeb ? 10 : 20);
      const shaped = shaping.egress?.average === (isWeb ? want.average * 1e6 : undefined);
      return inVlan && shaped && mtu === want.mtu && blocked === (want.closed && !isWeb);
    },
  };
}

const by = { fieldManager: 'user' };
/** What one manager applies to a Host replaces all that it applied before: whether it is to be empty is another's. */
const byAnswers = { fieldManager: 'user-answers' };
const prod = {
  hostSelector: { matchLabels: { 'hypersphere.io/host': 'true' } },
  uplinks: { ports: ['uplink1'] },
  healthCheck: { interval: '1m' },
  rollback: { after: '30s' },
};
const db = { switch: 'prod', vlan: { id: 20 }, addresses: { pool: '10.0.20.0/24', rest: '30s' } };

/** What its VMs serve is asked for from outside; nothing begins in them. */
function webWith(average: number): object {
  return {
    switch: 'prod',
    namespaceSelector: {},
    vlan: { id: 10 },
    addresses: { pool: '10.0.10.240/28', gateway: '10.0.10.254', rest: '30s' },
    firewall: [
      { name: 'served', direction: 'Ingress', allow: { protocol: 'TCP', ports: ['443'] } },
      { name: 'silent', direction: 'Egress', deny: { protocol: 'Any' } },
    ],
    policy: { shaping: { egress: { average: `${String(average)}M` } } },
  };
}
