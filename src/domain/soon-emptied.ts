/** Which hosts a roll-out that is under way has yet to empty: who comes there moves once more. Pure. */
import type { Host } from '../api/host.ts';

/** Profiles for which hosts are claimed now. */
export function rollingOut(hosts: readonly Host[]): ReadonlySet<string> {
  return new Set(hosts.flatMap(({ status: { claim } }) => (claim?.by === 'Profile' ? (claim.profile ?? []) : [])));
}

/** Whether one of the profiles `rolling` will need the host empty. */
export function isSoonEmptied({ status }: Host, rolling: ReadonlySet<string>): boolean {
  return (status.compliance ?? []).some(
    ({ impact, profile, refused, state, undone }) =>
      rolling.has(profile) && state === 'NonCompliant' && impact !== 'None' && refused === undefined && undone === undefined,
  );
}
