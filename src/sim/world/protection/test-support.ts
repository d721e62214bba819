/** A ledger on a VM that is protected, and clients outside who talk with it, for tests. */
import { must } from '../../../base/errors.ts';
import type { StartToken } from '../../../ports/arbiter.ts';
import type { Protection, ProtectionOptions } from '../../../ports/fault-tolerance.ts';
import type { HostPort } from '../../../ports/host-port.ts';
import { livesFrom } from '../../lives.ts';
import type { Block } from '../disk/content.ts';
import { writing } from '../moving/test-support.ts';
import { switchBench, type SwitchBench } from '../network/test-support.ts';
import { guestSpec } from '../test-support.ts';
import { keepLedger } from './ledger-guest.ts';
import { ledgerObserver, type ClientChoices, type LedgerClient, type LedgerObserver } from './ledger-observer.ts';

export interface LedgerBench extends SwitchBench {
  readonly observer: LedgerObserver;
  readonly clients: readonly LedgerClient[];
  host(name: string): HostPort;
  /** Prepares guest `web-N` of the VM on the host, and protects the guest on the other by it. */
  protectBy(from: string, id: string, to: string, by: string, options?: Partial<ProtectionOptions>): Promise<void>;
  protection(host: string): Promise<Protection | undefined>;
  untilStage(host: string, stage: Protection['stage'] | undefined): Promise<void>;
  fault(type: HostFaultType, host: string): Promise<() => Promise<void>>;
  /** What anybody finds on the disk. */
  content(): ReadonlyMap<number, Block>;
  /** Looks at the disk; throws when something was contradicted, or two lived at once. */
  check(): void;
}

type HostFaultType = 'PowerLoss' | 'HostHang' | 'FTPartition' | 'MigrationPartition' | 'SlowLink';

const vm = 'uid-web';
export const tokenOf = (holder: string): StartToken => ({ vm, holder });

export interface LedgerBenchOptions extends Partial<ProtectionOptions> {
  readonly seed?: number;
  /** What it writes into its memory. */
  readonly bytesPerSecond?: number;
  /** The share of its memory that it writes into. */
  readonly workingSet?: number;
  readonly memoryBytes?: number;
  /** Left to whoever protects it later; absent: it is, from the first. */
  readonly unprotected?: true;
  readonly nicBitsPerSecond?: number;
  readonly clients?: readonly ClientChoices[];
}

/** `web-1` on a is in step with `web-2` on b, and clients talk with it. */
export async function ledgerBench(options: LedgerBenchOptions = {}): Promise<LedgerBench> {
  const { bytesPerSecond = 1e6, clients: choices = [{}, { thinkMs: 3 }], memoryBytes = 2 ** 26, nicBitsPerSecond = 1e10 } = options;
  const bench = await switchBench({
    hosts: ['a', 'b', 'c'],
    seed: options.seed ?? 1,
    settings: { behaviours: { 'shop/web': writing(bytesPerSecond, options.workingSet) } },
    memoryBytes,
    hardware: { nicBitsPerSecond },
  });
  const web = await bench.vm('a', 'web');
  const vm = { namespace: 'shop', name: 'web' };
  const disk = must(bench.world.disk(vm, 'root'), 'its disk');
  let last = 0;
  keepLedger({ nic: web.nic(), disk, entropy: () => ++last });
  const observer = ledgerObserver();
  const clients: LedgerClient[] = [];
  const at: LedgerBench = Object.assign(bench, {
    observer,
    clients,
    host: (name: string) => bench.world.hostPort(name),
    protectBy: async (from: string, id: string, to: string, by: string, changes: Partial<ProtectionOptions> = {}) => {
      await bench.putPort(to, { ...bench.portOf('web'), guest: by });
      const endpoint = await bench.world.hostPort(to).moves.prepare({ ...guestSpec(by, 'web'), memoryBytes });
      const { intervalMs = 25, mode = 'Checkpoint', silenceMs = 500 } = { ...options, ...changes };
      await bench.during(bench.world.hostPort(from).protection.protect(id, endpoint, { mode, intervalMs, silenceMs }));
    },
    protection: async (host: string) => (await bench.world.hostPort(host).protection.list())[0],
    untilStage: async (host: string, stage: Protection['stage'] | undefined) => {
      for (let i = 0; i < 100_000; i++) {
        if ((await at.protection(host))?.stage === stage) return;
        await bench.clock.advance(1);
      }
      throw new Error(`never ${String(stage)} on ${host}`);
    },
    fault: (type: HostFaultType, host: string) => bench.world.inject({ type, host }),
    content: () => disk.read(),
    check: () => {
      observer.look(disk.read());
      const problems = [...observer.contradictions, ...livesFrom(bench.journal()).violations];
      if (problems.length > 0) throw new Error(problems.slice(0, 5).join('\n'));
    },
  });
  if (options.unprotected !== true) {
    await at.protectBy('a', 'web-1', 'b', 'web-2');
    await at.untilStage('a', 'InStep');
  }
  for (const [index, choice] of choices.entries()) {
    const number = String(index + 1);
    const outsider = bench.outsider({ name: `client-${number}`, mac: `06:00:00:00:00:0${number}`, addresses: [`10.0.0.20${number}`] });
    clients.push(observer.client(outsider, web, choice));
  }
  return at;
}

/** Takes the VM for the guest, and lets that name an heir. */
export async function appoint(at: LedgerBench, host: string, id: string, heir: string | undefined): Promise<boolean> {
  const arbiter = at.host(host).datastores.arbiter('shared');
  await at.during(arbiter.testAndSet(vm, undefined, id));
  return (await at.during(arbiter.appoint(vm, id, heir))).won;
}

/** The agent of a host looks at what is protected there. @returns what it did. */
export async function look(at: LedgerBench, host: string): Promise<string | undefined> {
  const one = await at.protection(host);
  if (one?.stage !== 'Silent') return undefined;
  const { guests, protection } = at.host(host);
  const arbiter = at.host(host).datastores.arbiter('shared');
  const isPrimary = one.role === 'Primary';
  const { won } = await at.during(isPrimary ? arbiter.appoint(vm, one.id, undefined) : arbiter.succeed(vm, one.id, host));
  if (!won) {
    await at.during(guests.stop(one.id, 'PowerOff'));
    return `${one.id} stopped`;
  }
  await at.during<unknown>(isPrimary ? protection.goAlone(one.id, tokenOf(one.id)) : protection.goLive(one.id, tokenOf(one.id)));
  return `${one.id} ${isPrimary ? 'alone' : 'live'}`;
}
