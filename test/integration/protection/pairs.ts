import assert from 'node:assert/strict';
import { FTPair, type FTPairSpec } from '../../../src/api/ft-pair.ts';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { failoverFleet, type FailoverFleet } from '../failover/failover.ts';

const by = { fieldManager: 'person' };
const ref = { namespace: 'shop', name: 'db' };

const apiVersion = 'hypersphere.io/v1alpha1';
const network = [
  { apiVersion, kind: 'DistributedSwitch', metadata: { name: 'prod' }, spec: { hostSelector: {}, uplinks: { ports: ['uplink1'] } } },
  {
    apiVersion,
    kind: 'PortGroup',
    metadata: { name: 'web' },
    spec: { switch: 'prod', namespaceSelector: {}, vlan: { id: 10 }, addresses: { pool: '10.0.10.0/24' } },
  },
];

/** Hosts, and the VM `db`, which is to have a shadow. */
export interface PairFleet extends FailoverFleet {
  protect(spec?: Partial<FTPairSpec>): Promise<void>;
  /** The same of another VM. */
  protectVm(name: string): Promise<void>;
  patchCluster(spec: object): Promise<void>;
  unprotect(): Promise<void>;
  pair(): Promise<FTPair>;
  /** The Protected condition, as `True InStep`. */
  pairSays(type?: string): Promise<string>;
  untilPair(says: string, limitMs?: number): Promise<void>;
  /** Where the original is, and the shadow: `rack-1 rack-2`. */
  places(): Promise<string>;
  maintain(host: string, mode: 'Maintenance' | 'Normal'): Promise<void>;
  /** The hosts on which the VM runs in truth. */
  where(): string;
}

/** @param wired its VM is on the network `web`. */
export async function pairFleet(hosts: number, wired?: 'wired'): Promise<PairFleet> {
  const fleet = await failoverFleet(hosts);
  if (wired !== undefined) for (const object of network) await fleet.apply(object);
  await fleet.makeVm('db', wired === undefined ? {} : { networks: [{ name: 'web', portGroup: 'web' }] });
  await fleet.untilReady('db');
  const { person, during } = fleet;
  const self: PairFleet = Object.assign(fleet, {
    protect: async (spec: Partial<FTPairSpec> = {}) => {
      await during(person.apply(FTPair, ref, { spec: { virtualMachine: 'db', ...spec } }, by));
    },
    protectVm: async (name: string) => {
      await during(person.apply(FTPair, { ...ref, name }, { spec: { virtualMachine: name } }, by));
    },
    patchCluster: async (spec: object) => {
      await during(person.patch(HostCluster, { name: 'main' }, { spec }));
    },
    unprotect: async () => {
      await during(person.delete(FTPair, ref));
    },
    pair: async () => (await during(person.get(FTPair, ref))) ?? assert.fail('there is no pair'),
    pairSays: async (type = 'Protected') => {
      const said = findCondition((await self.pair()).status.conditions, type);
      return `${said?.status ?? ''} ${said?.reason ?? ''}`;
    },
    untilPair: (says: string, limitMs = 60_000) => fleet.until(async () => (await self.pairSays()) === says, limitMs),
    places: async () => {
      const { primary, shadow } = (await self.pair()).status;
      return `${primary?.nodeName ?? 'nowhere'} ${shadow?.nodeName ?? 'nowhere'}`;
    },
    maintain: (host: string, mode: string) =>
      fleet.apply({ apiVersion: 'hypersphere.io/v1alpha1', kind: 'Host', metadata: { name: host }, spec: { maintenance: { mode } } }),
    where: () => fleet.running('db').join(),
  });
  return self;
}

/** The same, in step. */
export async function inStep(hosts: number, spec: Partial<FTPairSpec> = {}): Promise<PairFleet> {
  const fleet = await pairFleet(hosts);
  await fleet.protect(spec);
  await fleet.untilPair('True InStep');
  return fleet;
}
