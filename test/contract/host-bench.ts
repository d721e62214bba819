/** What the suites over a host's port have in common. */
import assert from 'node:assert/strict';
import type { StartToken } from '../../src/ports/arbiter.ts';
import { isPortError, type PortErrorCode } from '../../src/ports/errors.ts';
import type { Guest, GuestSpec } from '../../src/ports/guests.ts';
import type { HostPort } from '../../src/ports/host-port.ts';

/** Two hosts with a shared datastore between them, as the suite handles them. */
export interface HostBench {
  readonly a: HostPort;
  readonly b: HostPort;
  /** Directories for datastores that both hosts can have. */
  readonly paths: { readonly shared: string; readonly local: string };
  /** A guest of this much memory boots, and both hosts have room for two such guests and more. */
  readonly guestMemoryBytes: number;
  /** An interface that each host has for its switches. */
  readonly nic: string;
  /** Whether what runs of a VM finds who has an address, and is answered from there: by ARP and an echo over its NIC eth0. */
  reaches(vm: string, address: string): Promise<boolean>;
  /** More bytes than a datastore has. */
  readonly tooLargeBytes: number;
  /** Settles as `work` does, letting the time pass that it takes. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Waits until it is so. @throws when it does not become so in a time that is long for this kind of host. */
  until(so: () => Promise<boolean>): Promise<void>;
  dispose(): Promise<void>;
}

export const gibibyte = 2 ** 30;

/** A guest for the suite; its disk is on the shared datastore. */
export function guestSpec(bench: HostBench, id: string, change: Partial<GuestSpec> = {}): GuestSpec {
  return {
    id,
    vm: { uid: `vm-${id}`, namespace: 'shop', name: id },
    cores: 1,
    memoryBytes: bench.guestMemoryBytes,
    disks: [{ name: 'root', volume: { datastore: 'shared', volume: `shop/${id}/root` } }],
    memoryFile: { datastore: 'shared', volume: `shop/${id}/memory` },
    ...change,
  };
}

export function tokenFor(spec: GuestSpec): StartToken {
  return { vm: spec.vm.uid, holder: spec.id };
}

export async function started(bench: HostBench, id: string, change: Partial<GuestSpec> = {}): Promise<GuestSpec> {
  const spec = guestSpec(bench, id, change);
  for (const disk of spec.disks) await bench.a.datastores.ensure(disk.volume, gibibyte);
  await bench.during(bench.a.guests.start(spec, tokenFor(spec)));
  return spec;
}

export async function guestOf(host: HostPort, id: string): Promise<Guest | undefined> {
  return (await host.guests.list()).find((guest) => guest.spec.id === id);
}

export function beating(bench: HostBench, id: string): Promise<void> {
  return bench.until(async () => (await guestOf(bench.a, id))?.heartbeat === 'Beating');
}

export function isNo(code: PortErrorCode): (error: unknown) => boolean {
  return (error) => isPortError(error, code);
}

export async function refused(work: Promise<unknown>, code: PortErrorCode): Promise<void> {
  await assert.rejects(work, isNo(code));
}
