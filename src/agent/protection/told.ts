import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../../api/virtual-machine-instance.ts';

export type ToldProtection = NonNullable<VirtualMachineInstanceStatus['protection']>;

const lasting: ReadonlySet<string> = new Set(['Alone', 'Live', 'Refused']);

/** What the status says of it: what was found; else how it ended, as long as somebody may ask. */
export function toldProtection({ spec, status }: VirtualMachineInstance, found: ToldProtection | undefined): ToldProtection | undefined {
  if (found !== undefined) return found;
  const { protection } = status;
  if (protection === undefined) return undefined;
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
