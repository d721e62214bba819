/** When what happened after the loss of power of a host, as it was seen from outside. */
import { Host } from '../../src/api/host.ts';
import { VirtualMachineInstance } from '../../src/api/virtual-machine-instance.ts';
import { suspectAfterMs } from '../../src/domain/failover.ts';
import type { FailoverFleet } from '../integration/failover/failover.ts';

/** Milliseconds from the loss of power. */
export interface Moments {
  readonly lastBeat: number;
  readonly suspected: number;
  /** It was written that its power is to be cut; and that it is dead for certain. */
  readonly announced: number;
  readonly fenced: number;
  /** The first and the last of its VMs was given to another host; ran there. */
  readonly placed: readonly [number, number];
  readonly running: readonly [number, number];
}

/** How often it is looked, milliseconds: what follows the announcement follows fast. */
const lookMs = { before: 10, after: 1 };

/** Cuts the power of `host` and watches until its VMs run elsewhere. */
export async function momentsOf(fleet: FailoverFleet, host: string): Promise<Moments> {
  const { clock } = fleet;
  const vms = new Set(guestsOn(fleet, host));
  const known = new Map<string, number>();
  const { pulse } = fleet.process.site;
  const lastBeat = -pulse.signs(host).silentMs;
  const from = clock.now();
  const note = (what: string): void => {
    if (!known.has(what)) known.set(what, clock.now() - from);
  };
  const deaf = pulse.onSilence(suspectAfterMs, (silent) => {
    if (silent === host) note('suspected');
  });
  const ends = await fleet.during(fleet.world().inject({ type: 'PowerLoss', host }));
  const placed = new Map<string, number>();
  while (!known.has('fenced') || placed.size < vms.size || !areAmong(vms, runningVms(fleet))) {
    await clock.advance(known.has('announced') ? lookMs.after : lookMs.before);
    const fence = (await fleet.during(fleet.person.get(Host, { name: host })))?.status.fence?.state;
    if (fence !== undefined) note('announced');
    if (fence === 'Fenced') note('fenced');
    if (known.has('fenced')) await notePlaced(fleet, { from, host, placed, vms });
  }
  deaf();
  const starts = fleet.lives().flatMap((life) => (vms.has(life.vm) && life.from.at > from ? [life.from.at - from] : []));
  await ends();
  const at = (what: string): number => known.get(what) ?? NaN;
  return {
    lastBeat,
    suspected: at('suspected'),
    announced: at('announced'),
    fenced: at('fenced'),
    placed: span([...placed.values()]),
    running: span(starts),
  };
}

interface Placing {
  readonly from: number;
  readonly host: string;
  readonly placed: Map<string, number>;
  readonly vms: ReadonlySet<string>;
}

async function notePlaced(fleet: FailoverFleet, { from, host, placed, vms }: Placing): Promise<void> {
  if (placed.size === vms.size) return;
  const { items } = await fleet.during(fleet.person.list(VirtualMachineInstance, { namespace: 'shop' }));
  for (const { spec } of items)
    if (vms.has(spec.virtualMachineUID) && spec.nodeName !== host && !placed.has(spec.virtualMachineUID))
      placed.set(spec.virtualMachineUID, fleet.clock.now() - from);
}

function guestsOn(fleet: FailoverFleet, host: string): string[] {
  const { hosts } = fleet.world().truth();
  return hosts.flatMap(({ name, guests }) => (name === host ? guests.map(({ vm }) => vm) : []));
}

function runningVms(fleet: FailoverFleet): string[] {
  const { hosts } = fleet.world().truth();
  return hosts.flatMap(({ guests }) => guests.flatMap(({ state, vm }) => (state === 'Running' ? [vm] : [])));
}

function areAmong(vms: ReadonlySet<string>, others: readonly string[]): boolean {
  return [...vms].every((vm) => others.includes(vm));
}

function span(moments: readonly number[]): [number, number] {
  return [Math.min(...moments), Math.max(...moments)];
}
