import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../../api/virtual-machine-instance.ts';

export type ToldProtection = NonNullable<VirtualMachineInstanceStatus['protection']>;

/** What was found, and whether something stood in the way. */
interface Told {
  readonly protection?: ToldProtection;
  readonly trouble?: object;
}

const lasting: ReadonlySet<string> = new Set(['Alone', 'Live', 'Refused']);

/** What the status says of it: what was found; else how it ended, as long as somebody may ask. */
export function toldProtection({ spec, status }: VirtualMachineInstance, { protection: found, trouble }: Told): ToldProtection | undefined {
  const { protection } = status;
  // What stands in the way for a moment ends nothing.
  if (found !== undefined || protection === undefined || trouble !== undefined) return found ?? protection;
  // It had a shadow of its own, and so it has the VM: that stays so.
  if (
    spec.shadowOf !== undefined &&
    protection.instanceUID !== spec.shadowOf.instanceUID &&
    protection.instanceUID !== spec.shadow?.instanceUID
  )
    return { instanceUID: spec.shadowOf.instanceUID, stage: 'Live' };
  if (!lasting.has(protection.stage)) return undefined;
  if (protection.stage === 'Alone') return spec.shadow?.instanceUID === protection.instanceUID ? protection : undefined;
  return spec.shadowOf?.instanceUID === protection.instanceUID ? protection : undefined;
}
