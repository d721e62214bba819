/** What tests of networks make. */
import assert from 'node:assert/strict';
import { AddressClaim } from '../../../src/api/address-claim.ts';
import { DistributedSwitch } from '../../../src/api/distributed-switch.ts';
import { Host } from '../../../src/api/host.ts';
import { PortGroup } from '../../../src/api/port-group.ts';
import { SwitchPort } from '../../../src/api/switch-port.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import type { KubeObject } from '../../../src/meta/objects.ts';
import type { Kind } from '../../../src/meta/resource.ts';
import { startFleet, type Fleet } from '../fleet/fleet.ts';

const by = { fieldManager: 'person' };
const apiVersion = 'hypersphere.io/v1alpha1';

export interface NetworkFleet extends Fleet {
  makeSwitch(name: string, spec?: object): Promise<void>;
  makeGroup(name: string, spec?: object): Promise<void>;
  answers(host: string, answers: object): Promise<void>;
  port(name: string): Promise<SwitchPort | undefined>;
  ports(): Promise<readonly SwitchPort[]>;
  claims(): Promise<readonly AddressClaim[]>;
  group(name: string): Promise<PortGroup>;
  switch(name: string): Promise<DistributedSwitch>;
  /** Its port has an identity. */
  untilIdentified(...ports: readonly string[]): Promise<void>;
}

/** A fleet with the switch `prod` and the group `web`, which admits all. */
export async function startNetworks(hosts: number): Promise<NetworkFleet> {
  const fleet = await startFleet(hosts);
  const { during, person, until } = fleet;
  const found = async <T extends KubeObject>(kind: Kind<T>, name: string): Promise<T> =>
    (await during(person.get(kind, { name }))) ?? assert.fail(`there is no ${kind.kind} ${name}`);
  const networks: NetworkFleet = {
    ...fleet,
    makeSwitch: async (name, spec = {}) => {
      await fleet.apply({ apiVersion, kind: 'DistributedSwitch', metadata: { name }, spec: { hostSelector: {}, ...spec } });
    },
    makeGroup: async (name, spec = {}) => {
      const plain = { switch: 'prod', namespaceSelector: {}, vlan: { id: 10 }, addresses: { pool: '10.0.10.0/24', gateway: '10.0.10.1' } };
      await fleet.apply({ apiVersion, kind: 'PortGroup', metadata: { name }, spec: { ...plain, ...spec } });
    },
    answers: async (name, answers) => {
      await during(person.apply(Host, { name }, { spec: { answers } }, by));
    },
    port: (name) => during(person.get(SwitchPort, { namespace: 'shop', name })),
    ports: async () => (await during(person.list(SwitchPort))).items,
    claims: async () => (await during(person.list(AddressClaim))).items,
    group: (name) => found(PortGroup, name),
    switch: (name) => found(DistributedSwitch, name),
    untilIdentified: async (...ports) => {
      for (const name of ports) await until(async () => (await networks.port(name))?.spec.addresses !== undefined);
    },
  };
  await networks.makeSwitch('prod');
  await networks.makeGroup('web');
  return networks;
}

/** The condition as `Type=Status Reason: message`. */
export function told(object: { readonly status: { readonly conditions?: SwitchPort['status']['conditions'] } }, type = 'Ready'): string {
  const found = findCondition(object.status.conditions, type);
  return found === undefined ? '' : `${found.status} ${found.reason}: ${found.message}`;
}
