/** The guards that hold the rules, each with how it is switched off: the simulation must notice that every one of them is missing. */

export interface Mutant {
  readonly name: string;
  /** What the guard is for. */
  readonly guard: string;
  readonly file: string;
  /** A piece of the file that stands there exactly once, and what takes its place. */
  readonly find: string;
  readonly replace: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'start-without-arbiter',
    guard: "the arbiter's word comes before the guest",
    file: 'src/agent/carry-out.ts',
    find: 'if (!word.won) throw',
    replace: 'if (!word.won && word.holder === holder) throw',
  },
  {
    name: 'lease-arbiter-unconditional',
    guard: 'a Lease that another holds is not taken',
    file: 'src/agent/lease-arbiter.ts',
    find: 'if (holder !== from) return { won: false, holder };',
    replace: '',
  },
  {
    name: 'finalizer-before-guest-is-dead',
    guard: 'an instance goes only when its guest is dead for certain',
    file: 'src/agent/end.ts',
    find: 'if (guest !== undefined) await shutDown(agent, guest);',
    replace: 'if (guest !== undefined) void shutDown(agent, guest).catch(() => undefined);',
  },
  {
    name: 'room-is-free-when-decided',
    guard: 'room is given away only when the API shows that it is free',
    file: 'src/fleet/ledger.ts',
    find: 'known?.runs === true ?',
    replace: 'known === null ?',
  },
  {
    name: 'nobody-ends-strangers',
    guard: 'a guest without an instance is ended',
    file: 'src/agent/sweep.ts',
    find: 'return guests.size > 0 && endStrangers(agent, [...guests.values()]);',
    replace: 'return false;',
  },
  {
    name: 'debts-are-not-settled',
    guard: 'arbiters of lives that are over are freed',
    file: 'src/agent/debts.ts',
    find: 'if (held.length === 0) return true;',
    replace: 'if (held.length >= 0) return true;',
  },
  {
    name: 'cache-is-believed',
    guard: 'an instance that the cache does not show is looked for at the server',
    file: 'src/controllers/virtual-machine/unseen.ts',
    find: 'if (incarnation === undefined) return false;',
    replace: 'if (incarnation !== vm) return false;',
  },
  {
    name: 'no-waiting-for-the-old',
    guard: 'no instance is made beside one that is going',
    file: 'src/domain/life.ts',
    find: 'return old.length === 0 ? undefined : stopping(old);',
    replace: 'return old.length >= 0 ? undefined : stopping(old);',
  },
  {
    name: 'nothing-is-booked',
    guard: 'room that was decided on counts from the same instant',
    file: 'src/controllers/virtual-machine/controller.ts',
    find: '    assume(ledger, vm, decision);',
    replace: '',
  },
  {
    name: 'waiting-is-forgotten',
    guard: 'those who wait are looked at again when room appears',
    file: 'src/controllers/virtual-machine/controller.ts',
    find: "else if (decision.reason !== 'StartPaced') waiting.add(key);",
    replace: "else if (key === '') waiting.add(key);",
  },
  {
    name: 'time-in-messages',
    guard: 'a condition that has not changed keeps its time',
    file: 'src/meta/conditions.ts',
    find: 'before?.status === input.status ? before.lastTransitionTime : rfc3339(now)',
    replace: 'before?.status === input.type ? before.lastTransitionTime : rfc3339(now)',
  },
  {
    name: 'silence-is-trusted',
    guard: 'a watch that has been silent for long is taken for dead',
    file: 'src/kube/reflector.ts',
    find: 'void this.#abortWhenSilent(connection);',
    replace: 'void this.#abortWhenSilent;',
  },
  {
    name: 'retained-disks-removed',
    guard: 'only disks that their user gave away are removed',
    file: 'src/api/virtual-machine.ts',
    find: "return item.whenRemoved ?? 'Retain';",
    replace: "return item.whenRemoved ?? 'Delete';",
  },
  {
    name: 'answer-before-durable',
    guard: 'nothing is answered before it is durable',
    file: 'src/apiserver/store/journal.ts',
    find: 'await log.append(bytes);\n        await log.sync();',
    replace: 'await log.append(bytes);\n        void log.sync().catch(() => undefined);',
  },
  {
    name: 'contradiction-at-once',
    guard: 'two that see different things correct each other slowly',
    file: 'src/kube/insistence.ts',
    find: 'const patienceMs = 1_000;',
    replace: 'const patienceMs = 0;',
  },
  {
    name: 'kubelet-contradicts',
    guard: 'a kubelet renews its lease before it says that it is well after all',
    file: 'src/sim/kubelet/node-controller.ts',
    find: 'if (isGivenUp(node)) await renewLease(context, node);',
    replace: 'if (isGivenUp(node)) void renewLease;',
  },
  {
    name: 'paused-goes-on-unasked',
    guard: 'a guest that stands still for a switch-over goes on only when the arbiter names it',
    file: 'src/agent/outgoing.ts',
    find: 'if (!word.won)',
    replace: 'if (!word.won && word.holder === holder)',
  },
  {
    name: 'no-answer-is-a-no',
    guard: 'what became of a hand-over without an answer is found out before the guest goes on',
    file: 'src/agent/hand-over.ts',
    find: '?? (await settled(of, arbiter))',
    replace: '?? { won: false, holder: instance.metadata.uid }',
  },
  {
    name: 'target-takes-what-is-free',
    guard: 'one side of a move never takes the arbiter, not even a free one',
    file: 'src/agent/incoming.ts',
    find: 'if (holder === spec.id) return',
    replace: 'if (holder === spec.id || guest?.state === "Received") return',
  },
  {
    name: 'moves-are-not-booked',
    guard: 'room at the target of a move counts from the instant of the decision',
    file: 'src/controllers/virtual-machine-migration/controller.ts',
    find: 'if (vm !== undefined) acts.assume(migration, vm, decision);',
    replace: '',
  },
  {
    name: 'moves-leave-targets-behind',
    guard: 'a target whose move is over is ended',
    file: 'src/domain/beside.ts',
    find: "return leaving.length === 0 ? undefined : { do: 'delete'",
    replace: "return leaving.length >= 0 ? undefined : { do: 'delete'",
  },
  {
    name: 'guest-before-its-ports',
    guard: 'a guest starts only when its ports are in force',
    file: 'src/agent/carry-out.ts',
    find: '  await agent.switches.ready(instance);',
    replace: '',
  },
  {
    name: 'prepared-without-ports',
    guard: 'a guest is prepared for only where its ports are in force',
    file: 'src/agent/incoming.ts',
    find: '  await agent.switches.ready(instance);',
    replace: '',
  },
  {
    name: 'cut-off-for-good',
    guard: 'a change of switches that cuts the host off is undone by the host itself',
    file: 'src/agent/switching/plane.ts',
    find: 'isReached ? proven(configuration) : undone(configuration)',
    replace: 'proven(configuration)',
  },
  {
    name: 'trials-wait-for-the-api',
    guard: 'an agent that starts on a host that is cut off undoes that first',
    file: 'src/agent/switching/early.ts',
    find: 'const soon = await plane.settle();',
    replace: 'const soon = await Promise.resolve(plane.inForce === undefined ? undefined : 1);',
  },
  {
    name: 'counted-from-nought',
    guard: 'after a loss of power a port counts on from what was told of it',
    file: 'src/agent/carry-out.ts',
    find: '  await agent.counters.resume(instance);',
    replace: '',
  },
  {
    name: 'connections-stay-behind',
    guard: 'what a port tracks goes along with its guest',
    file: 'src/sim/world/network/virtual-port.ts',
    find: '  port.connections = connections;',
    replace: '  port.connections = connections.size < 0 ? connections : new Map();',
  },
  {
    name: 'address-before-its-claim',
    guard: 'a MAC or an address is used only once its claim is there',
    file: 'src/controllers/switch-port/claims.ts',
    find: "if (!isApiError(error, 'AlreadyExists')) throw error;",
    replace: "if (isApiError(error, 'AlreadyExists')) return true;",
  },
  {
    name: 'fencing-is-skipped',
    guard: 'the power is cut before it is said that a host is dead',
    file: 'src/controllers/failover/controller.ts',
    find: "if (fence.found === 'PoweredOn') await power.set(bmc, 'Off');",
    replace: "if (fence.found === 'PoweredOn') void power;",
  },
  {
    name: 'cap-is-forgotten',
    guard: 'when too many vanish together it is presumed that the operator is cut off',
    file: 'src/domain/failover.ts',
    find: "if (power === 'Off' || vanished <= most) return undefined;",
    replace: "if (power === 'Off' || vanished <= most + 100) return undefined;",
  },
  {
    name: 'replaced-without-proof',
    guard: 'what ran on a host is dead only once its power is off for certain',
    file: 'src/api/host.ts',
    find: "return host?.status.fence?.state === 'Fenced';",
    replace: 'return host?.status.fence !== undefined;',
  },
  {
    name: 'fence-is-not-read',
    guard: 'who boots on a fenced host starts nothing',
    file: 'src/agent/clearance.ts',
    find: 'if (host?.status.fence === undefined) return;',
    replace: 'if (host?.status.fence === undefined || !told) return;',
  },
  {
    name: 'canaries-are-not-watched',
    guard: 'nobody follows before the first hosts have been well for a while',
    file: 'src/domain/rollout.ts',
    find: 'return rollout.canaryPassed || rollout.canaries.length === 0 ?',
    replace: 'return rollout.canaryPassed || rollout.canaries.length >= 0 ?',
  },
  {
    name: 'more-at-once',
    guard: 'never more hosts are away for a profile than it lets be away',
    file: 'src/domain/rollout.ts',
    find: 'let free = mostAway(profile, staged.length) - busy;',
    replace: 'let free = staged.length - busy;',
  },
  {
    name: 'leave-before-the-host-is-empty',
    guard: 'leave for what needs the host empty comes when it is empty',
    file: 'src/domain/rollout.ts',
    find: 'return fact.empty ?',
    replace: 'return fact.claim !== undefined ?',
  },
  {
    name: 'leave-outlives-the-claim',
    guard: 'leave for what needs the host empty goes with the claim',
    file: 'src/controllers/host-profile/act.ts',
    find: 'releaseClaim(client, host, lowered(host, profile))',
    replace: 'releaseClaim(client, host)',
  },
  {
    name: 'claim-is-taken-back-half-way',
    guard: 'a host is given back only when its agent is not at work',
    file: 'src/controllers/host-profile/act.ts',
    find: 'else if (isMine(host.status, name) && !isApplying(host, name))',
    replace: 'else if (isMine(host.status, name))',
  },
  {
    name: 'changed-without-claim',
    guard: "a host is changed only by the server's word that it is claimed, and when it is empty",
    file: 'src/agent/settings/begin.ts',
    find: "if (plan.impact !== 'None' && !(await isCleared",
    replace: "if (plan.impact === 'Reboot' && !(await isCleared",
  },
  {
    name: 'leave-for-other-settings',
    guard: 'leave is for the settings that it was given for',
    file: 'src/agent/settings/begin.ts',
    find: '|| permit?.revision !== wanted.revision) return false;',
    replace: '|| permit === undefined) return false;',
  },
  {
    name: 'undone-is-tried-again',
    guard: 'what was undone is not tried again',
    file: 'src/agent/settings/begin.ts',
    find: '|| plan.changes.length === 0 || undone !== undefined) return false;',
    replace: '|| plan.changes.length === 0) return false;',
  },
  {
    name: 'never-undone',
    guard: 'a host that does not reach its manager after a change goes back by itself',
    file: 'src/agent/settings/change.ts',
    find: 'if (clock.monotonic() >= deadline)',
    replace: 'if (clock.monotonic() >= deadline + 1e9)',
  },
  {
    name: 'half-undone-is-enough',
    guard: 'what cannot be written back is tried again, and said until it is',
    file: 'src/agent/settings/change.ts',
    find: 'if (failed !== undefined) return stuckWords(',
    replace: 'if (failed === settingName(one)) return stuckWords(',
  },
  {
    name: 'not-written-is-passed-over',
    guard: 'a change of which one setting cannot be written is undone',
    file: 'src/agent/settings/change.ts',
    find: "if (failed !== undefined) return { ...change, phase: 'Undo'",
    replace: "if (failed === settingName(one)) return { ...change, phase: 'Undo'",
  },
  {
    name: 'isolated-at-once',
    guard: 'a host that hears nobody ends its VMs only once that has been so for a while',
    file: 'src/domain/responses.ts',
    find: 'now - aloneSince < isolatedAfterMs',
    replace: 'now - aloneSince < 0',
  },
  {
    name: 'lost-at-once',
    guard: 'a host that does not reach a datastore ends VMs only once that has been so for a while',
    file: 'src/domain/responses.ts',
    find: 'now - (lostSince.get(name) ?? now) >= lostAfterMs',
    replace: 'lostSince.has(name)',
  },
  {
    name: 'any-word-is-a-death',
    guard: 'a guest is dead by word only once its agent, knowing that it goes, has said that it has stopped',
    file: 'src/domain/lost-storage.ts',
    find: "instance.status.phase === 'Stopped' && words(instance) !== undefined",
    replace: 'words(instance) !== undefined',
  },
];

/** `source` without the guard. @throws when the piece does not stand there exactly once. */
export function withoutGuard({ name, file, find, replace }: Mutant, source: string): string {
  const pieces = source.split(find);
  if (pieces.length !== 2)
    throw new Error(`mutant ${name}: its piece stands ${String(pieces.length - 1)} times in ${file}, not once: ${find}`);
  return pieces.join(replace);
}
