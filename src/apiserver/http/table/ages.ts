import { parseTime } from '../../../base/time.ts';
import { humanDuration } from './duration.ts';

/** How long ago `time` was, or `<unknown>`. */
export function since(time: unknown, now: number): string {
  const ms = typeof time === 'string' ? parseTime(time) : undefined;
  return ms === undefined ? '<unknown>' : humanDuration(now - ms);
}
