import type { VirtualMachineInstance, VirtualMachineInstanceStatus } from '../../api/virtual-machine-instance.ts';

export type ToldProtection = NonNullable<VirtualMachineInstanceStatus['protection']>;

const lasting: ReadonlySet<string> = new Set(['Alone', 'Live', 'Refused']);

/** What the status says of it: what was found; else how it ended, as long as somebody may ask. */
export function toldProtection({ spec, status }: VirtualMachineInstance, found: ToldProtection | undefined): ToldProtection | undefined {
  if (found !== undefined) return found;
  const { protection } = status;
  if (protection === undefined || !lasting.has(protection.stage)) return undefined;
  if (protection.stage === 'Alone') return spec.shadow?.instanceUID === protection.instanceUID ? protection : undefined;
  return spec.shadowOf?.instanceUID === protection.instanceUID ? protection : undefined;
}
