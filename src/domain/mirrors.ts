/** Whether the mirrors of a switch may be as they are written. Pure. */
import type { Mirror } from '../api/distributed-switch.ts';
import type { PortId } from '../api/effective-port.ts';
import { mirrorTarget } from './effective-port.ts';
import type { Refused } from './vlan.ts';

export interface MirrorView {
  /** The group of a port; undefined: there is no such port. */
  groupOf(port: PortId): string | undefined;
  /** Whether ports of the group take copies. */
  takesCopies(group: string): boolean;
}

/** The first thing that is wrong with them, the field named. */
export function mirrorTrouble(mirrors: readonly Mirror[], view: MirrorView): Refused | undefined {
  const loop = loopIn(mirrors, view);
  if (loop !== undefined) return loop;
  for (const [index, mirror] of mirrors.entries()) {
    const target = mirrorTarget(mirror);
    const group = view.groupOf(target);
    if (group === undefined || view.takesCopies(group)) continue;
    const message = `spec.mirrors[${String(index)}].to: ${target} is of PortGroup ${group}, which does not say mirrorDestination`;
    return { reason: 'MirrorTargetRefuses', message };
  }
  return undefined;
}

/** Copies of copies: a mirror leads to another whose frames are those of its target. */
function loopIn(mirrors: readonly Mirror[], view: MirrorView): Refused | undefined {
  const next = (mirror: Mirror): Mirror[] => mirrors.filter((other) => isCopied(other, mirrorTarget(mirror), view));
  for (const mirror of mirrors) {
    const seen = new Set<Mirror>();
    const open = next(mirror);
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      if (one === mirror) return { reason: 'MirrorLoop', message: `spec.mirrors: ${pathOf(mirror, seen)}` };
      if (seen.has(one)) continue;
      seen.add(one);
      open.push(...next(one));
    }
  }
  return undefined;
}

function pathOf({ name }: Mirror, through: ReadonlySet<Mirror>): string {
  const others = [...through].map((one) => one.name).join(', ');
  return `the copies that ${name} makes come back to it${others === '' ? '' : ` through ${others}`}`;
}

function isCopied({ from }: Mirror, port: PortId, view: MirrorView): boolean {
  if (from.portGroup !== undefined) return view.groupOf(port) === from.portGroup;
  const { virtualMachine, network } = from;
  const prefix = `${virtualMachine?.namespace ?? ''}/${virtualMachine?.name ?? ''}.`;
  if (!port.startsWith(prefix)) return false;
  const nic = port.slice(prefix.length);
  return !nic.includes('.') && (network === undefined || network === nic);
}
