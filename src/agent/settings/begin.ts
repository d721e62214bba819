/** Begins a change of settings that the agent has leave for. */
import { Host } from '../../api/host.ts';
import { covers } from '../../api/setting.ts';
import { parseDuration } from '../../base/time.ts';
import { isApiError } from '../../meta/status.ts';
import { reaches } from '../switching/reach.ts';
import type { Looked } from './look.ts';
import type { SettingsMeans } from './means.ts';
import { keepNote, readNote } from './note.ts';
import type { Speaker } from './say.ts';

/** Whether the agent may make the host as the profile says without asking again, and there is something to do. */
export function mayChange({ wanted, profile, permit, plan, undone }: Looked): boolean {
  if (plan === undefined || plan.refused !== undefined || plan.changes.length === 0 || undone !== undefined) return false;
  if (profile.spec.enforcement !== 'Remediate' || permit?.revision !== wanted.revision) return false;
  return covers(permit.impact, plan.impact);
}

/** @returns whether it has begun: from now on it is carried through or undone, whatever happens. */
export async function beginChange(means: SettingsMeans, speaker: Speaker, host: Host, looked: Looked): Promise<boolean> {
  const { wanted, profile, plan } = looked;
  const { settings } = means.host;
  // A host that the API does not answer would take the change for the cause.
  if (plan === undefined || !(await reaches(means))) return false;
  if (plan.impact !== 'None' && !(await isCleared(means, speaker, host, wanted.profile))) return false;
  const note = await readNote(settings);
  await keepNote(settings, {
    undone: note.undone,
    change: {
      profile: wanted.profile,
      revision: wanted.revision,
      impact: plan.impact,
      changes: plan.changes,
      afterMs: parseDuration(profile.spec.rollback.after),
      phase: 'Apply',
      bootId: (await means.host.inventory()).bootId,
    },
  });
  return true;
}

/**
 * Whether the host is empty and is kept so for this profile: by the server's own word, not a cache's, and said in such a way that it cannot be
 * taken back unnoticed.
 */
async function isCleared(means: SettingsMeans, speaker: Speaker, seen: Host, profile: string): Promise<boolean> {
  const host = await means.client.get(Host, { name: means.nodeName });
  const claim = host?.status.claim;
  if (host?.metadata.uid !== seen.metadata.uid) return false;
  if (claim?.by !== 'Profile' || claim.profile !== profile) return false;
  if (JSON.stringify(host.status.profiles) !== JSON.stringify(seen.status.profiles)) return false;
  const guests = await means.host.guests.list();
  if (guests.some(({ state }) => state !== 'Suspended')) return false;
  try {
    await speaker.begin(host, profile);
    return true;
  } catch (error) {
    if (isApiError(error, 'Conflict')) return false;
    throw error;
  }
}
