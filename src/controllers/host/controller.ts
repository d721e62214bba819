/** Says of each Host whether it can be counted on. */
import { operatorManager, ready } from '../../api/common.ts';
import { agentLeaseName, datastoresReached, Host } from '../../api/host.ts';
import type { Clock } from '../../base/clock.ts';
import { equal } from '../../base/equal.ts';
import { Insistence } from '../../kube/insistence.ts';
import type { Cache, Client, ControllerSpec, EventRecorder, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { findCondition } from '../../meta/conditions.ts';
import type { Lease, Node } from '../../meta/core.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { Heartbeats } from './heartbeats.ts';
import { saidHere, verdictOf, type HostVerdict, type HostView } from './status.ts';

export interface HostDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly hosts: Cache<Host>;
  readonly nodes: Cache<Node>;
  /** The Leases of `hypersphere-system`. */
  readonly leases: Cache<Lease>;
}

export function hostController({ client, clock, events, hosts, nodes, leases }: HostDependencies): ControllerSpec {
  const insistence = new Insistence(clock);
  let heartbeats: Heartbeats | undefined;

  const view = (host: Host, heard: Heartbeats): HostView => {
    const lease = agentLeaseName(host.metadata.name);
    const agent = !heard.known(lease) ? 'NeverSeen' : heard.silentIn(lease) > 0 ? 'Answering' : 'Silent';
    return { host, node: nodes.get({ name: host.metadata.name }), agent, now: clock.now() };
  };

  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const host = hosts.get(ref);
    if (host === undefined) insistence.forget(ref.name);
    if (host === undefined || heartbeats === undefined) return undefined;
    const verdict = verdictOf(view(host, heartbeats));
    if (!alreadySaid(host, verdict)) {
      const waitMs = insistence.waitMs(ref.name, verdict);
      if (waitMs > 0) return { requeueAfter: waitMs };
      await say(client, host, verdict);
      insistence.said(ref.name, verdict);
    }
    announce(events, host, verdict);
    announceStorage(events, host, verdict);
    const silentIn = heartbeats.silentIn(agentLeaseName(ref.name));
    return silentIn > 0 ? { requeueAfter: silentIn } : undefined;
  };

  return {
    name: 'host',
    concurrency: 8,
    reconcile,
    watch: (enqueue) => {
      heartbeats = new Heartbeats(clock, leases, (lease) => {
        enqueue({ name: lease.slice(agentLeaseName('').length) });
      });
      for (const host of hosts.list()) enqueue(host.metadata);
      hosts.onChange((before, after) => {
        const host = after ?? before;
        if (host !== undefined) enqueue({ name: host.metadata.name });
      });
      nodes.onChange((before, after) => {
        if (before?.metadata.uid !== after?.metadata.uid) enqueue({ name: (after ?? before)?.metadata.name ?? '' });
      });
    },
  };
}

function alreadySaid({ status }: Host, verdict: HostVerdict): boolean {
  const said = (status.conditions ?? []).filter(({ type }) => saidHere.has(type));
  return (
    status.observedGeneration === verdict.observedGeneration &&
    status.nodeUID === verdict.nodeUID &&
    status.phase === verdict.phase &&
    equal(said, verdict.conditions)
  );
}

/** By server-side apply, since the agent writes the inventory into the same status. */
async function say(client: Client, host: Host, status: HostVerdict): Promise<void> {
  const { name, uid } = host.metadata;
  const object = { apiVersion: apiVersionOf(Host), kind: Host.kind, metadata: { name, uid }, status };
  // Deleted, or made anew, since it was read.
  await unlessGone(client.apply(Host, { name }, object, { fieldManager: operatorManager, subresource: 'status' }));
}

const firstSteps: ReadonlySet<string> = new Set(['Pending', 'AgentNeverSeen', 'NoInventory']);

function announce(events: EventRecorder, host: Host, verdict: HostVerdict): void {
  const before = findCondition(host.status.conditions, ready);
  const after = verdict.conditions[0];
  if (after === undefined || before?.reason === after.reason) return;
  // How a host comes up for the first time is no news: its conditions say it.
  if (firstSteps.has(before?.reason ?? 'Pending') || firstSteps.has(after.reason) || host.status.nodeUID === undefined) return;
  // Who fenced it has told so.
  if (after.reason === 'Fenced') return;
  events.event(host, after.status === 'True' ? 'Normal' : 'Warning', after.reason, after.message);
}

function announceStorage(events: EventRecorder, host: Host, { conditions }: HostVerdict): void {
  const before = findCondition(host.status.conditions, datastoresReached);
  const after = findCondition(conditions, datastoresReached);
  if (before?.message === after?.message) return;
  if (after === undefined) events.event(host, 'Normal', datastoresReached, 'it reaches all its datastores again');
  else events.event(host, 'Warning', after.reason, after.message);
}
