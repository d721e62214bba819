/** The user's FTPairs, and how they change. */
import { FTPair } from '../../src/api/ft-pair.ts';
import type { Client } from '../../src/kube/types.ts';
import type { ProtectionMode } from '../../src/ports/fault-tolerance.ts';
import type { PairWish, Plan } from './plan.ts';

/** A pair as it was last wished. */
export interface WantedPair {
  present: boolean;
  mode: ProtectionMode;
  /** Has its original die while its epoch is this. */
  test: number | undefined;
}

export interface Protecting {
  wish(vm: number, kind: PairWish): void;
  /** Of the VM of that index; undefined: it never had one. */
  wanted(vm: number): Readonly<WantedPair> | undefined;
  /** Whether a test was ever wished of it. */
  isTested(vm: number): boolean;
  /** Whether the API has taken all that was wished. */
  content(): boolean;
}

interface Wish extends WantedPair {
  /** A test was wished, and the epoch is not known yet. */
  isToTest: boolean;
  isTested: boolean;
  version: number;
  taken: number;
}

const by = { fieldManager: 'user' };

/** @param repeat until it has gone well. */
export function protecting(
  plan: Plan,
  client: Client,
  nameOf: (vm: number) => string,
  repeat: (work: () => Promise<boolean>) => Promise<void>,
): Protecting {
  const wishes = new Map<number, Wish>();
  const busy = new Set<number>();
  const carryOut = async (vm: number, want: Wish): Promise<boolean> => {
    const ref = { namespace: 'shop', name: nameOf(vm) };
    const there = await client.get(FTPair, ref);
    const isGoing = there?.metadata.deletionTimestamp !== undefined;
    if (!want.present) {
      if (there !== undefined && !isGoing) await client.delete(FTPair, ref);
      return true;
    }
    if (isGoing) return false;
    if (there === undefined) want.test = undefined;
    if (want.isToTest) {
      want.test = there?.status.epoch ?? 1;
      want.isToTest = false;
    }
    await client.apply(FTPair, ref, { spec: specOf(plan, vm, want) }, by);
    return true;
  };
  const sync = (vm: number, want: Wish): void => {
    if (busy.has(vm)) return;
    busy.add(vm);
    const work = async (): Promise<boolean> => {
      const { version } = want;
      if (!(await carryOut(vm, want))) return false;
      want.taken = version;
      return want.version === version;
    };
    void repeat(work).then(() => busy.delete(vm));
  };
  return {
    wish: (vm, kind) => {
      const shape = plan.vms[vm]?.pair;
      if (shape === undefined) return;
      const fresh = { present: false, mode: shape.mode, test: undefined, isToTest: false, isTested: false, version: 0, taken: 0 };
      const want = wishes.get(vm) ?? fresh;
      wishes.set(vm, want);
      change(want, kind);
      sync(vm, want);
    },
    wanted: (vm) => wishes.get(vm),
    isTested: (vm) => wishes.get(vm)?.isTested === true,
    content: () => [...wishes.values()].every(({ taken, version }) => taken === version),
  };
}

function change(want: Wish, kind: PairWish): void {
  want.version++;
  if (kind === 'changeMode') want.mode = want.mode === 'Lockstep' ? 'Checkpoint' : 'Lockstep';
  if (kind === 'testFailover') want.isToTest = want.isTested = want.present;
  if (kind === 'protect' || kind === 'unprotect') want.present = kind === 'protect';
}

function specOf({ vms }: Plan, vm: number, { mode, test }: Wish): object {
  return {
    virtualMachine: `vm-${String(vm)}`,
    mode,
    checkpoint: { interval: `${String(vms[vm]?.pair?.intervalMs ?? 100)}ms` },
    ...(test === undefined ? {} : { testFailover: { epoch: test } }),
  };
}
