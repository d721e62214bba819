/** The only writer of a HostPool's status: pure. */
import { ready, stalled } from '../../../api/common.ts';
import type { HostPool } from '../../../api/host-pool.ts';
import { setCondition, type ConditionInput } from '../../../meta/conditions.ts';
import type { Obstacle } from './phases/remove.ts';
import type { HostPoolScope } from './scope.ts';

export interface HostPoolFinding {
  /** As it is after all has been done. */
  readonly scope: HostPoolScope;
  readonly exists: (host: string) => boolean;
  /** Its agent runs and reaches the API, and it has a Node. */
  readonly answers: (host: string) => boolean;
  readonly obstacles: readonly Obstacle[];
  readonly now: number;
}

export function statusOf(finding: HostPoolFinding): HostPool['status'] {
  const { scope, exists, answers, now } = finding;
  const { metadata, status } = scope.pool;
  const there = scope.hosts.filter((host) => exists(host.name));
  const generation = metadata.generation ?? 0;
  const blocked = stalledOf(scope);
  const others = (status.conditions ?? []).filter((condition) => condition.type !== stalled);
  const before = blocked === undefined ? others : status.conditions;
  const conditions = [readyOf(finding), ...(blocked === undefined ? [] : [blocked])].reduce(
    (sum, condition) => setCondition(sum, condition, generation, now),
    before ?? [],
  );
  const readyReplicas = there.filter((host) => !host.surplus && answers(host.name)).length;
  return { observedGeneration: generation, replicas: there.length, readyReplicas, conditions };
}

function stalledOf(scope: HostPoolScope): ConditionInput | undefined {
  const taken = namesTaken(scope);
  if (taken.length === 0) return undefined;
  return { type: stalled, status: 'True', reason: 'NameTaken', message: takenMessage(taken) };
}

function readyOf({ scope, exists, answers, obstacles }: HostPoolFinding): ConditionInput {
  const taken = namesTaken(scope);
  if (taken.length > 0) return unready('NameTaken', takenMessage(taken));
  const used = obstacles.flatMap((obstacle) => (obstacle.by === 'Cordon' ? [] : [usedMessage(obstacle)]));
  if (used.length > 0) return unready('HostsInUse', `hosts that should go are in use: ${listed(used)}`);
  const surplus = scope.hosts.filter((host) => host.surplus && exists(host.name)).map((host) => host.name);
  if (surplus.length > 0) return unready('ScalingDown', `hosts are being taken away: ${listed(surplus)}`);
  const silent = scope.hosts.filter((host) => !host.surplus && !answers(host.name));
  if (silent.length > 0) {
    const names = silent.map(({ name, node }) => (node === undefined ? `${name} (no Node)` : name));
    return unready('HostsNotReady', `${String(silent.length)} of ${String(scope.desired)} hosts do not answer: ${listed(names)}`);
  }
  return { type: ready, status: 'True', reason: 'HostsReady', message: `${String(scope.desired)} hosts are there and answer` };
}

function namesTaken({ hosts }: HostPoolScope): string[] {
  return hosts.filter((host) => host.nameTaken && !host.surplus).map((host) => host.name);
}

function takenMessage(names: readonly string[]): string {
  return `Nodes of these names are there already, and are not of this pool: ${listed(names)}`;
}

function usedMessage(obstacle: Exclude<Obstacle, { readonly by: 'Cordon' }>): string {
  if (obstacle.by === 'Guests') return `${obstacle.host} (guests that no instance knows of)`;
  return `${obstacle.host} (${listed(obstacle.virtualMachines, 3)})`;
}

function listed(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${String(names.length - most)} more` : shown;
}

function unready(reason: string, message: string): ConditionInput {
  return { type: ready, status: 'False', reason, message };
}
