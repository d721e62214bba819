/** How long a change of policy takes to be in force at all ports: the whole system in one process on a virtual clock. */
import { PortGroup } from '../../src/api/port-group.ts';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import { startFleet, type Fleet } from '../integration/fleet/fleet.ts';
import { round } from './figures.ts';
import { countWrites } from './writes.ts';

const apiVersion = 'hypersphere.io/v1alpha1';
const spec = {
  cpu: { cores: 1 },
  memory: { size: '1Gi' },
  disks: [{ name: 'root', size: '10Gi' }],
  networks: [{ name: 'eth0', portGroup: 'bench' }],
};
const by = { fieldManager: 'person' };

/** After so long nothing is under way any more. */
const afterMs = 120_000;

/**
 * @returns seconds of the simulation's time and of the processor from the change of a group's policy until it is in force at every port, and what
 * was written for it.
 */
export async function policyOverFleet({ hosts, ports }: { readonly hosts: number; readonly ports: number }): Promise<object> {
  const fleet = await startFleet(hosts, { guestBootTime: '0s' });
  tell(`${String(hosts)} hosts`);
  await fleet.apply({ apiVersion, kind: 'DistributedSwitch', metadata: { name: 'bench' }, spec: { hostSelector: {} } });
  const addresses = { pool: '10.64.0.0/16', gateway: '10.64.0.1' };
  const group = { switch: 'bench', namespaceSelector: {}, vlan: { id: 10 }, ports: ports + 100, addresses };
  await fleet.apply({ apiVersion, kind: 'PortGroup', metadata: { name: 'bench' }, spec: group });
  await makeVms(fleet, ports);
  await fleet.until(async () => (await inForce(fleet, false)) === ports, 600_000);
  await fleet.clock.advance(afterMs);
  tell(`${String(ports)} ports`);
  return change(fleet, hosts, ports);
}

async function makeVms(fleet: Fleet, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `vm-${String(index)}`);
  for (let from = 0; from < count; from += 100)
    await fleet.during(
      Promise.all(
        names.slice(from, from + 100).map((name) => fleet.person.apply(VirtualMachine, { namespace: 'shop', name }, { spec }, by)),
      ),
    );
  const allRun = async (): Promise<boolean> => {
    const { items } = await fleet.during(fleet.person.list(VirtualMachine, { namespace: 'shop' }));
    return items.length === count && items.every((vm) => isTrue(vm.status.conditions, 'Ready'));
  };
  await fleet.until(allRun, 3_600_000);
}

async function change(fleet: Fleet, hosts: number, ports: number): Promise<object> {
  const { clock, person } = fleet;
  const writes = await countWrites(fleet);
  const [began, cpu, wall] = [clock.now(), process.cpuUsage(), performance.now()];
  await fleet.during(person.patch(PortGroup, { name: 'bench' }, { spec: { policy: { security: { promiscuous: true } } } }));
  await fleet.until(async () => (await inForce(fleet, true)) === ports, 600_000);
  const [seconds, used, wallSeconds] = [(clock.now() - began) / 1000, process.cpuUsage(cpu), (performance.now() - wall) / 1000];
  await clock.advance(afterMs);
  for (const [what, count] of writes.byWhat()) tell(`${String(count)} writes: ${what}`);
  return {
    hosts,
    ports,
    seconds: round(seconds),
    cpuSeconds: round((used.user + used.system) / 1e6),
    wallSeconds: round(wallSeconds),
    writes: writes.total(),
    writesPerHost: round(writes.total() / hosts),
  };
}

/** Ports that do so on their hosts, whatever anybody reports. */
async function inForce({ world }: Fleet, promiscuous: boolean): Promise<number> {
  let count = 0;
  for (const { name } of world().truth().hosts) {
    const { ports } = await world().hostPort(name).switching.applied();
    count += ports.filter(({ security }) => security.promiscuous === promiscuous).length;
  }
  return count;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
