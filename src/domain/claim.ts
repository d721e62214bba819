/** One exclusive claim on a host for each planned change: who may take it, and when it goes. Pure. */

/** What stands in a Host's status. */
export interface Claim {
  readonly by: string;
}

export type ClaimStep =
  /** It is ours, and is to be so. */
  | { readonly do: 'hold' }
  | { readonly do: 'take' }
  | { readonly do: 'release' }
  /** Another was first: nothing is done to the host before its change is over. */
  | { readonly do: 'wait'; readonly heldBy: string }
  | { readonly do: 'nothing' };

/**
 * What `by` does about the claim that stands there. Taken and released by a write on condition of the version that was read, so of two that see
 * none, one wins; one that crashed finds its own name there and goes on.
 */
export function claimStep(claim: Claim | undefined, by: string, wanted: boolean): ClaimStep {
  if (claim?.by === by) return { do: wanted ? 'hold' : 'release' };
  if (!wanted) return { do: 'nothing' };
  return claim === undefined ? { do: 'take' } : { do: 'wait', heldBy: claim.by };
}
