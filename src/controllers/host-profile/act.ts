/** What is written on Hosts: which profiles they are under, leave for their agents, and claims. Each write on condition of what was read. */
import type { ProfileHere } from '../../api/host-compliance.ts';
import { Host } from '../../api/host.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { claimStep } from '../../domain/claim.ts';
import { isMine } from '../../domain/rollout-host.ts';
import type { Act } from '../../domain/rollout.ts';
import { releaseClaim, takeClaim } from '../../fleet/claims.ts';
import type { Client } from '../../kube/types.ts';
import { isApiError } from '../../meta/status.ts';
import type { ProfileScope } from './scope.ts';
import type { Written } from './written.ts';

/** The claim's holder. */
const by = 'Profile';

/** Every host under the profile says so, and no other. @returns whether anything was written: the caches will bring it. */
export async function settleMembers(client: Client, { name, selected, left }: ProfileScope): Promise<boolean> {
  let written = false;
  for (const { host, names } of selected) {
    if (host === undefined) continue;
    const wanted = names.map((one) => hereOf(host, one));
    if (equal(wanted, host.status.profiles ?? [])) continue;
    await writeProfiles(client, host, wanted);
    written = true;
  }
  for (const host of left) {
    const others = (host.status.profiles ?? []).filter((one) => one.name !== name);
    if (others.length !== (host.status.profiles ?? []).length) await writeProfiles(client, host, others);
    // An agent that is at work is waited for.
    else if (isMine(host.status, name) && !isApplying(host, name)) await unlessDeleted(releaseClaim(client, host));
    else continue;
    written = true;
  }
  return written;
}

function isApplying({ status }: Host, name: string): boolean {
  return status.compliance?.some(({ profile, applying }) => profile === name && applying === true) === true;
}

function hereOf({ status }: Host, name: string): ProfileHere {
  return status.profiles?.find((one) => one.name === name) ?? { name };
}

async function writeProfiles(client: Client, { metadata }: Host, profiles: readonly ProfileHere[]): Promise<void> {
  const { name, uid, resourceVersion } = metadata;
  const status = { profiles: profiles.length === 0 ? null : profiles };
  await unlessDeleted(client.patch(Host, { name }, { metadata: { uid, resourceVersion }, status }, { subresource: 'status' }));
}

interface Hands {
  readonly client: Client;
  readonly clock: Clock;
  readonly written: Written;
}

export async function carryOut(hands: Hands, { name: profile, selected }: ProfileScope, act: Act): Promise<void> {
  const host = selected.find(({ fact }) => fact.name === act.host)?.host;
  if (host === undefined) return;
  hands.written.wrote(host);
  try {
    await carryOutOn(hands, profile, host, act);
  } catch (error) {
    // Nothing was written: there is nothing to wait for.
    if (isApiError(error, 'Conflict')) hands.written.refused(host);
    throw error;
  }
}

async function carryOutOn({ client, clock }: Hands, profile: string, host: Host, act: Act): Promise<void> {
  switch (act.do) {
    case 'permit': {
      const { revision, impact } = act;
      const list = (host.status.profiles ?? []).map((one) => (one.name === profile ? { ...one, permit: { revision, impact } } : one));
      return writeProfiles(client, host, list);
    }
    case 'claim':
      if (claimStep(host.status.claim, by, true).do === 'take') await unlessDeleted(takeClaim(client, host, { by, profile }, clock.now()));
      return;
    case 'release':
      if (isMine(host.status, profile)) await unlessDeleted(releaseClaim(client, host, lowered(host, profile)));
  }
}

/** Leave for what needs the host empty goes with the claim: what drifts later is claimed for anew. */
function lowered({ status }: Host, profile: string): object {
  const { profiles = [] } = status;
  const isHigh = ({ name, permit }: ProfileHere): boolean => name === profile && permit !== undefined && permit.impact !== 'None';
  if (!profiles.some(isHigh)) return {};
  return { profiles: profiles.map((one) => (isHigh(one) ? { ...one, permit: { ...one.permit, impact: 'None' } } : one)) };
}

/** A Host that has changed since it was read is looked at again: what was written to it may be nothing that profiles listen to. */
async function unlessDeleted(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
