import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anInstance, aVm, meta } from '../../test/builders/objects.ts';
import type { PortGroup } from '../api/port-group.ts';
import type { SwitchPort } from '../api/switch-port.ts';
import type { InstanceNetwork } from '../api/virtual-machine-instance.ts';
import { fateOf, type PortFate, type PortScope } from './port-fate.ts';

const going = { deletionTimestamp: '2026-03-01T12:00:00Z' };
const apiVersion = 'hypersphere.io/v1alpha1';
const aGroup = (name: string, binding: PortGroup['spec']['binding'] = 'Static', metadata: object = {}): PortGroup => ({
  apiVersion,
  kind: 'PortGroup',
  metadata: meta(name, metadata),
  spec: { switch: 'prod', vlan: { id: 10 }, binding, mirrorDestination: false },
  status: {},
});
const aPort = (portGroup = 'front', metadata: object = {}): SwitchPort => ({
  apiVersion,
  kind: 'SwitchPort',
  metadata: meta('web.eth0', { namespace: 'shop', ...metadata }),
  spec: { virtualMachine: 'web', network: 'eth0', switch: 'prod', portGroup },
  status: {},
});
const networks = [{ name: 'eth0', portGroup: 'front' }];
const vm = aVm('web', { spec: { networks } });
const off = aVm('web', { spec: { networks, powerState: 'PoweredOff' } });
const leaving = aVm('web', { spec: { networks }, metadata: going });
const nic: InstanceNetwork = {
  name: 'eth0',
  port: 'web.eth0',
  switch: 'prod',
  portGroup: 'front',
  macAddress: '02:00:00:00:00:01',
  addresses: [],
  blocked: false,
};
const life = anInstance(vm, 'h1', { spec: { networks: [nic] } });

const scope = (more: Partial<PortScope> & { readonly groups?: readonly PortGroup[] } = {}): PortScope => {
  const { groups = [aGroup('front')], ...rest } = more;
  const group = (name: string): PortGroup | undefined => groups.find(({ metadata }) => metadata.name === name);
  return { name: 'web.eth0', port: undefined, vm, instances: [], group, admits: () => true, hasFreePort: () => true, ...rest };
};

describe('the port of a NIC', () => {
  const dynamic = [aGroup('front', 'Dynamic')];
  const cases: readonly [what: string, scope: PortScope, fate: PortFate['do']][] = [
    ['is made', scope(), 'make'],
    ['not without its group', scope({ groups: [] }), 'nothing'],
    ['not in a group that goes', scope({ groups: [aGroup('front', 'Static', going)] }), 'nothing'],
    ['not where its namespace is not admitted', scope({ admits: () => false }), 'nothing'],
    ['not where none is free', scope({ hasFreePort: () => false }), 'nothing'],
    ['not for a VM that goes', scope({ vm: leaving }), 'nothing'],
    ['not for a VM that there is not', scope({ vm: undefined }), 'nothing'],
    ['not for a NIC that there is not', scope({ vm: aVm('web') }), 'nothing'],
    ['not while a life has one of its name, which nobody sees', scope({ instances: [life] }), 'nothing'],
    ['stays', scope({ port: aPort() }), 'keep'],
    ['stays where its namespace is not admitted any more', scope({ port: aPort(), admits: () => false }), 'keep'],
    ['stays while nobody sees its group', scope({ port: aPort(), groups: [] }), 'keep'],
    ['Static: is there while the VM is off', scope({ vm: off }), 'make'],
    ['Dynamic: is not', scope({ vm: off, groups: dynamic }), 'nothing'],
    ['Dynamic: is given up when the VM is off', scope({ vm: off, port: aPort(), groups: dynamic }), 'giveUp'],
    ['Dynamic: not before its life is over', scope({ vm: off, port: aPort(), groups: dynamic, instances: [life] }), 'keep'],
    ['is given up with its NIC', scope({ vm: aVm('web'), port: aPort() }), 'giveUp'],
    ['not while a life has it', scope({ vm: aVm('web'), port: aPort(), instances: [life] }), 'keep'],
    ['is given up with its VM', scope({ vm: leaving, port: aPort() }), 'giveUp'],
    ['is given up for one in another group', scope({ port: aPort('back'), groups: [aGroup('front'), aGroup('back')] }), 'giveUp'],
    ['is freed when somebody deletes it', scope({ port: aPort('front', going) }), 'free'],
    ['not while a life has it, either', scope({ port: aPort('front', going), instances: [life] }), 'nothing'],
  ];
  for (const [what, seen, fate] of cases)
    it(what, () => {
      assert.equal(fateOf(seen).do, fate);
    });
});
