/** What people do to hosts with kubectl, and what they see of it. */
import assert from 'node:assert/strict';
import { evacuated, guardLabel, Host } from '../../../src/api/host.ts';
import { VirtualMachineMigration } from '../../../src/api/virtual-machine-migration.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { Node, Pod, type NodeTaint } from '../../../src/meta/core.ts';
import type { Fleet } from './fleet.ts';

const namespace = 'hypersphere-system';
const encoder = new TextEncoder();

export interface Drain {
  /** Whether every Pod that it waits for is gone: then kubectl ends with 0. */
  isOver(): Promise<boolean>;
}

export interface Person {
  host(name: string): Promise<Host>;
  patchHost(name: string, maintenance: object): Promise<void>;
  cordon(name: string, unschedulable?: boolean): Promise<void>;
  taint(name: string, ...taints: NodeTaint[]): Promise<void>;
  /** As `kubectl drain`: cordons, evicts what is there, and waits. */
  drain(name: string, how?: 'evict' | 'delete'): Promise<Drain>;
  /** The guards of a host, those that are going included. */
  guards(name: string): Promise<Pod[]>;
  /** The condition Evacuated as `Status Reason: message`, or nothing. */
  evacuation(name: string): Promise<string>;
  migrations(): Promise<VirtualMachineMigration[]>;
}

export function personAt({ person, during, controlPlane }: Fleet): Person {
  const evict = async ({ metadata: { name } }: Pod): Promise<void> => {
    const body = encoder.encode(JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }));
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    const request = { method: 'POST', path, query: [], headers: { 'content-type': 'application/json' }, body } as const;
    const response = await during(controlPlane(request, new AbortController().signal));
    assert.equal(response.status, 201);
  };
  const self: Person = {
    host: async (name) => (await during(person.get(Host, { name }))) ?? assert.fail(`there is no host ${name}`),
    patchHost: async (name, maintenance) => {
      await during(person.patch(Host, { name }, { spec: { maintenance } }));
    },
    cordon: async (name, unschedulable = true) => {
      await during(person.patch(Node, { name }, { spec: { unschedulable } }));
    },
    taint: async (name, ...taints) => {
      await during(person.patch(Node, { name }, { spec: { taints } }));
    },
    drain: async (name, how = 'evict') => {
      await self.cordon(name);
      const pods = await self.guards(name);
      for (const pod of pods) await (how === 'evict' ? evict(pod) : during(person.delete(Pod, pod.metadata)));
      const waitsFor = new Set(pods.map(({ metadata }) => metadata.uid));
      return { isOver: async () => (await self.guards(name)).every(({ metadata }) => !waitsFor.has(metadata.uid)) };
    },
    guards: async (name) => {
      const { items } = await during(person.list(Pod, { namespace, labelSelector: guardLabel }));
      return items.filter(({ spec }) => spec?.nodeName === name);
    },
    evacuation: async (name) => {
      const said = findCondition((await self.host(name)).status.conditions, evacuated);
      return said === undefined ? '' : `${said.status} ${said.reason}: ${said.message}`;
    },
    migrations: async () => (await during(person.list(VirtualMachineMigration))).items,
  };
  return self;
}
