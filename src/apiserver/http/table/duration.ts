const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A span as `kubectl get` prints ages: two units at most, the finer the shorter it is. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / second);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${String(seconds)}s`;
  const minutes = Math.floor(ms / minute);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${String(minutes)}m`;
  const hours = Math.floor(ms / hour);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${String(hours)}h`;
  return days(hours);
}

function days(hours: number): string {
  const count = Math.floor(hours / 24);
  if (hours < 192) return two(count, 'd', hours % 24, 'h');
  if (count < 730) return `${String(count)}d`;
  if (count < 2920) return two(Math.floor(count / 365), 'y', count % 365, 'd');
  return `${String(Math.floor(count / 365))}y`;
}

function two(coarse: number, coarseUnit: string, fine: number, fineUnit: string): string {
  return fine === 0 ? `${String(coarse)}${coarseUnit}` : `${String(coarse)}${coarseUnit}${String(fine)}${fineUnit}`;
}
