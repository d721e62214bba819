/** What benches of moves share: VMs that run, and what the links need at least for their memory. */
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { VirtualMachineMigration } from '../../src/api/virtual-machine-migration.ts';
import { isTrue } from '../../src/meta/conditions.ts';
import type { GuestLife } from '../../src/sim/lives.ts';
import { behaviourOf, touchedBytes } from '../../src/sim/world/behaviour.ts';
import type { Fleet } from '../integration/fleet/fleet.ts';
import { median } from './figures.ts';

const nicBitsPerSecond = 10e9;
const memoryBytes = 4 * 2 ** 30;
const spec = { cpu: { cores: 1 }, memory: { size: '4Gi' }, disks: [{ name: 'root', size: '10Gi' }] };
export const by = { fieldManager: 'person' };

/** Settles when all of them run. */
export async function makeVms(fleet: Fleet, count: number): Promise<void> {
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

/** What one host's link needs for the memory that these guests have touched by now, or by their end, each page once: seconds. */
export function leastSeconds(lives: readonly GuestLife[], now: number): number {
  const bytes = lives.map(({ vm, from, to }) => touchedBytes(behaviourOf(vm), memoryBytes, (to?.at ?? now) - from.at));
  return (8 * bytes.reduce((sum, each) => sum + each, 0)) / nicBitsPerSecond;
}

/** How long guests stood still in all moves so far, milliseconds. */
export async function downtimes(fleet: Fleet): Promise<{ readonly p50: number; readonly p95: number; readonly max: number }> {
  const { items } = await fleet.during(fleet.person.list(VirtualMachineMigration));
  const all = items.flatMap(({ status }) => milliseconds(status.downtime) ?? []).sort((a, b) => a - b);
  const at = (share: number): number => all[Math.min(all.length - 1, Math.floor(share * all.length))] ?? NaN;
  return { p50: median(all), p95: at(0.95), max: at(1) };
}

function milliseconds(duration: string | undefined): number | undefined {
  const [, number, unit] = /^([\d.]+)(ms|s)$/.exec(duration ?? '') ?? [];
  return number === undefined ? undefined : Number(number) * (unit === 's' ? 1000 : 1);
}

export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
