import type { Range } from '../../../api/effective-port.ts';

export function inRanges(ranges: readonly Range[], value: number): boolean {
  return ranges.some(([first, last]) => value >= first && value <= last);
}
