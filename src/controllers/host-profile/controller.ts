/** Takes each profile over its hosts: looks first, then one, then a few at a time, and stops at the first sign of harm. */
import { ready } from '../../api/common.ts';
import { HostProfile, type HostProfileStatus } from '../../api/host-profile.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { parseDuration } from '../../base/time.ts';
import { courseOf } from '../../domain/rollout.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Client, ControllerSpec, EventRecorder, Metrics, Result } from '../../kube/types.ts';
import { findCondition } from '../../meta/conditions.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { carryOut, settleMembers } from './act.ts';
import { measuresOf } from './measures.ts';
import { Soaks } from './soaks.ts';
import { scopeOf, type ProfileScope, type ProfileSources } from './scope.ts';
import { statusOf } from './status.ts';
import { watchSources } from './watches.ts';
import { Written } from './written.ts';

export interface ProfileDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly sources: ProfileSources;
  readonly metrics?: Metrics;
}

/** While hosts change one after another their number is written at most this often, milliseconds. */
const figuresEveryMs = 5_000;

/**
 * Each reconcile: members → course → say → act. What the course hangs on (which hosts are the first, whether they are well) is said before anything
 * is done by it; a reconcile that an old copy has misled fails there.
 */
export function profileController({ client, clock, events, sources, metrics }: ProfileDependencies): ControllerSpec {
  const insistence = new Insistence(clock);
  const measures = measuresOf(metrics);
  const soaks = new Soaks(clock);
  const written = new Written(clock);
  const saidAt = new Map<string, number>();

  const forget = (name: string): void => {
    soaks.forget(name);
    saidAt.delete(name);
    insistence.forget(name);
    measures.hosts(name, undefined);
  };

  /** @returns after how many milliseconds it is to be said; undefined: it is said, or was. */
  const say = async (profile: HostProfile, status: HostProfileStatus): Promise<number | undefined> => {
    const { name } = profile.metadata;
    measures.hosts(name, status);
    if (equal(profile.status, status)) return undefined;
    const wait = Math.max(
      insistence.waitMs(name, status),
      pace(profile.status, status, (saidAt.get(name) ?? -Infinity) - clock.monotonic()),
    );
    if (wait > 0) return wait;
    await write(client, profile, status);
    insistence.said(name, status);
    saidAt.set(name, clock.monotonic());
    announce(events, profile, status);
    return 0;
  };

  const settle = async (profile: HostProfile, scope: ProfileScope): Promise<Result> => {
    const unseen = written.unseenForMs(scope.selected.map(({ host }) => host));
    if (unseen > 0) return { requeueAfter: unseen };
    const soakMs = parseDuration(profile.spec.rollout.soak);
    const facts = scope.selected.map(({ fact }) => fact);
    const course = courseOf({ profile, facts, wellForMs: soaks.wellForMs(profile), soakMs });
    soaks.remember(profile, course.well);
    const wait = await say(profile, statusOf(profile, scope.selected, course, clock.now()));
    // What was just said comes back by the cache; only then anything is done by it.
    if (!equal(profile.status.rollout, course.rollout)) return wait === 0 ? undefined : { requeueAfter: wait ?? 1 };
    for (const act of course.acts) {
      await carryOut({ client, clock, written }, scope, act);
      if (act.do === 'permit') measures.permitted(act.impact);
    }
    const soak = course.reason === 'Soaking' ? Math.max(1, soakMs - soaks.wellForMs(profile)) : undefined;
    const waits = [soak, wait].filter((ms) => ms !== undefined && ms > 0);
    return waits.length === 0 ? undefined : { requeueAfter: Math.min(...waits.map((ms) => ms ?? 0)) };
  };

  const reconcile = async ({ name }: ObjectRef): Promise<Result> => {
    const scope = scopeOf(sources, name);
    if (scope.profile === undefined) forget(name);
    if (await settleMembers(client, scope)) return undefined;
    return scope.profile === undefined ? undefined : settle(scope.profile, scope);
  };

  return {
    name: 'host-profile',
    // Profiles share hosts: each sees what the other did.
    concurrency: 1,
    reconcile,
    watch: (enqueue) => {
      watchSources(sources, enqueue);
    },
  };
}

/** Figures alone can wait; what they mean, and what is decided by them, cannot. */
function pace(before: HostProfileStatus, after: HostProfileStatus, sinceMs: number): number {
  const meaning = ({ observedGeneration, rollout, conditions = [] }: HostProfileStatus): unknown => [
    observedGeneration,
    rollout,
    conditions.map(({ type, status, reason }) => [type, status, reason]),
  ];
  // Whole ones: what rounding leaves over of a difference may be too little for any clock to move on by.
  return equal(meaning(before), meaning(after)) ? Math.max(0, Math.ceil(sinceMs + figuresEveryMs)) : 0;
}

async function write(client: Client, { metadata }: HostProfile, status: HostProfileStatus): Promise<void> {
  const { name, uid, resourceVersion } = metadata;
  const patch = { metadata: { uid, resourceVersion }, status };
  await client.patch(HostProfile, { name }, patch, { subresource: 'status' });
}

const harmful: ReadonlySet<string> = new Set(['Refused', 'CanaryFailed', 'Paused']);

/** What a person must know of, and that a roll-out is over. */
function announce(events: EventRecorder, profile: HostProfile, status: HostProfileStatus): void {
  const before = findCondition(profile.status.conditions, ready);
  const after = findCondition(status.conditions, ready);
  if (after === undefined || before?.reason === after.reason) return;
  if (harmful.has(after.reason)) events.event(profile, 'Warning', after.reason, after.message.slice(0, 1024));
  else if (after.reason === 'Compliant' && before?.reason !== 'Pending' && before?.reason !== 'HostsUnknown')
    events.event(profile, 'Normal', 'Compliant', after.message);
}
