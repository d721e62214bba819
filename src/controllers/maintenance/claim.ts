/** The first phase: the host is claimed before anything leaves it, and a drain is remembered in the claim. */
import { liftedAnnotation } from '../../api/host.ts';
import { claimStep, type ClaimStep } from '../../domain/claim.ts';
import { claimWords, drainOf, isGoing, isHeld, isLifted, isToBeEmpty, maintenance } from '../../domain/maintenance.ts';
import { releaseClaim, takeClaim } from '../../fleet/claims.ts';
import type { Client } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { Pod } from '../../meta/core.ts';
import type { HostScope } from './scope.ts';

/** Done when the claim is as it should be. Written: it will be; the cache brings it, and with it another look. */
export type Claimed = { readonly written: true } | { readonly written: false; readonly step: ClaimStep };

export async function settleClaim(client: Client, scope: HostScope): Promise<Claimed> {
  const { host, now } = scope;
  // First the guards: the claim is what says that there was a drain.
  if (drainOf(scope) === 'Lifted') await markLifted(client, scope);
  const step = claimStep(host.status.claim, maintenance, isToBeEmpty(scope));
  const words = claimWords(scope);
  const saysSo = (host.status.claim?.drain === true) === (words.drain === true);
  if (step.do === 'take' || (step.do === 'hold' && !saysSo)) {
    await unlessGone(takeClaim(client, host, words, now));
    return { written: true };
  }
  if (step.do !== 'release') return { written: false, step };
  await unlessGone(releaseClaim(client, host));
  return { written: true };
}

/** Who waits for them waits on, but they ask for nothing any more. */
async function markLifted(client: Client, { guards, node }: HostScope): Promise<void> {
  if (node === undefined) return;
  for (const { metadata } of guards.filter((guard) => isGoing(guard) && isHeld(guard) && !isLifted(guard))) {
    const { uid, resourceVersion } = metadata;
    await client.patch(Pod, metadata, { metadata: { uid, resourceVersion, annotations: { [liftedAnnotation]: 'true' } } });
  }
}
