/**
 * What changes hosts for profiles, judged by the world's journal: each write by the note that is on the host's disk by then, each change by leave,
 * claim and guests as it begins, and by all of its settings as it ends.
 */
import type { Host, HostClaim } from '../../src/api/host.ts';
import { covers, settingName, type Impact, type Setting, type SettingRef, type SettingValue } from '../../src/api/setting.ts';
import type { Clock } from '../../src/base/clock.ts';
import { equal } from '../../src/base/equal.ts';
import { parseDuration } from '../../src/base/time.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import { readJournal, type JournalEntry } from '../../src/sim/journal.ts';
import type { Scene } from './judge.ts';
import type { Mirrored } from './mirror.ts';
import type { Plan } from './plan.ts';
import { heavyDrift, marks, type ProfilePlan } from './profile-pieces.ts';

/** A change as it stands in a host's note. */
export interface OpenChange {
  readonly profile: string;
  readonly revision: string;
  readonly impact: Impact;
  readonly phase: string;
  readonly changes: readonly (SettingRef & { readonly found: SettingValue; readonly wanted: SettingValue })[];
}

interface Note {
  readonly change?: OpenChange;
  readonly undone?: Readonly<Record<string, { readonly revision: string }>>;
}

/** What somebody does by hand; the fault `Drift`. */
const byHand = new Set(['sysctl vm.swappiness', 'files /etc/motd']);

function isByHand(setting: Setting): boolean {
  return byHand.has(settingName(setting)) || (settingName(setting) === settingName(heavyDrift) && equal(setting.value, heavyDrift.value));
}

type Values = ReadonlyMap<string, SettingValue>;

function starts(
  entry: JournalEntry,
): entry is Extract<JournalEntry, { readonly type: 'GuestStarted' | 'GuestResumed' | 'GuestWoken' | 'GuestActivated' }> {
  return ['GuestStarted', 'GuestResumed', 'GuestWoken', 'GuestActivated'].includes(entry.type);
}

export class ProfileJudge {
  readonly #scene: Scene;
  readonly #clock: Clock;
  readonly #rollout: ProfilePlan | undefined;
  /** What was written on each host, by setting; what is not there is as it came. */
  readonly #values = new Map<string, Map<string, SettingValue>>();
  readonly #notes = new Map<string, Note>();
  /** The settings of each host as its open change began. */
  readonly #before = new Map<string, Values>();
  /** Leave that was ever given: `host profile revision`, up to which impact. */
  readonly #leave = new Map<string, Impact[]>();
  /** Which hosts have begun each version of a profile; and when hosts were well with it, monotonic. */
  readonly #begun = new Map<string, Set<string>>();
  readonly #well = new Map<string, number>();

  constructor(scene: Scene, clock: Clock, { profiles }: Plan) {
    this.#scene = scene;
    this.#clock = clock;
    this.#rollout = profiles;
  }

  /** What the host has in truth; undefined: as it came. */
  value(host: string, setting: SettingRef): SettingValue | undefined {
    return this.#values.get(host)?.get(settingName(setting));
  }

  open(host: string): OpenChange | undefined {
    return this.#notes.get(host)?.change;
  }

  /** Begins anew, from what is left of the journal. */
  reread(journal: string): void {
    this.#values.clear();
    this.#notes.clear();
    this.#before.clear();
    if (this.#rollout !== undefined) for (const entry of readJournal(journal).entries) this.#take(entry);
  }

  /** Judges a line of the journal; the book is as it was before it. */
  entry(entry: JournalEntry): void {
    if (this.#rollout === undefined) return;
    if (entry.type === 'SettingWritten') this.#judgeWrite(entry);
    if (entry.type === 'NoteKept' && entry.name === 'profiles') this.#judgeNote(entry.host, noteIn(entry.text));
    if (starts(entry)) this.#judgeStart(entry.host);
    if (entry.type === 'PowerCut') this.#judgeBoot(entry.host);
    this.#take(entry);
  }

  #take(entry: JournalEntry): void {
    if (entry.type === 'SettingWritten') {
      const values = this.#values.get(entry.host) ?? new Map<string, SettingValue>();
      this.#values.set(entry.host, values.set(settingName(entry), entry.value));
    }
    if (entry.type !== 'NoteKept' || entry.name !== 'profiles') return;
    const note = noteIn(entry.text);
    if (note.change?.phase === 'Apply') this.#before.set(entry.host, new Map(this.#values.get(entry.host)));
    this.#notes.set(entry.host, note);
  }

  #broken(rule: string, text: string): void {
    this.#scene.broken({ rule, text });
  }

  #judgeWrite(entry: Extract<JournalEntry, { readonly type: 'SettingWritten' }>): void {
    const name = settingName(entry);
    if (isByHand(entry)) return;
    if (this.open(entry.host)?.changes.some((one) => settingName(one) === name) !== true)
      this.#broken('profile', `${name} of ${entry.host} was written, and no note on its disk says so`);
  }

  #judgeNote(host: string, note: Note): void {
    const before = this.open(host);
    if (before === undefined && note.change !== undefined) this.#begins(host, note.change);
    if (before !== undefined && note.change === undefined) this.#ends(host, before, note.undone?.[before.profile]?.revision);
  }

  #begins(host: string, change: OpenChange): void {
    const { profile, revision, impact } = change;
    const what = `${host} is changed for ${profile}`;
    if (this.#leave.get(`${host} ${profile} ${revision}`)?.some((most) => covers(most, impact)) !== true)
      this.#broken('profile', `${what} (${impact}), for which it has no leave`);
    if (this.#notes.get(host)?.undone?.[profile]?.revision === revision)
      this.#broken('profile', `${what}, though that was undone there before`);
    if (impact !== 'None') this.#judgeEmpty(host, profile, what);
    this.#judgeTurn(host, change, what);
  }

  #judgeEmpty(host: string, profile: string, what: string): void {
    const { book, mirror } = this.#scene;
    const claim = mirror.host(host)?.status.claim;
    if (!isFor(claim, profile)) this.#broken('profile', `${what}, and is not claimed for it`);
    const [guest] = book.guests().filter(({ host: on, state }) => on === host && (state === 'Running' || state === 'Paused'));
    if (guest !== undefined) this.#broken('10', `${what}, and ${guest.spec.vm.name} runs on it`);
  }

  /** So many first; when they have been well with it for a while, others. */
  #judgeTurn(host: string, change: OpenChange, what: string): void {
    const version = versionOf(change);
    const { canary = 0, soak = '0s' } = this.#rollout ?? {};
    if (version === undefined) return;
    const begun = this.#begun.get(version) ?? new Set();
    this.#begun.set(version, begun.add(host));
    const [most, now] = [this.#most(this.#scene.mirror.hosts().length), [host, ...this.#openFor(version)]];
    // Where it goes on in spite of harm, one that stopped answering is not counted, and may come back.
    if (now.length > most && this.#rollout?.pauseOnFailure === true)
      this.#broken('profile', `${now.join(', ')} are changed for ${change.profile} at once, and ${String(most)} may be`);
    if (canary === 0 || begun.size <= canary) return;
    const since = Math.min(...[...begun].map((one) => this.#well.get(`${one} ${version}`) ?? Infinity));
    // What is known of the first was written, read, and decided by before.
    if (this.#clock.monotonic() - since < parseDuration(soak))
      this.#broken('profile', `${what}, and of ${[...begun].join(', ')} none has been well with it for ${soak}`);
  }

  #openFor(version: string): string[] {
    return [...this.#notes].flatMap(([host, { change }]) => (change !== undefined && versionOf(change) === version ? [host] : []));
  }

  #ends(host: string, change: OpenChange, undone: string | undefined): void {
    const isUndone = undone === change.revision;
    const before = this.#before.get(host);
    for (const one of change.changes) {
      const name = settingName(one);
      const now = this.value(host, one) ?? one.found;
      const was = before?.get(name) ?? one.found;
      if (isByHand({ ...one, value: now }) || (isUndone ? equal(now, was) : isWanted(one.wanted, now))) continue;
      const end = isUndone ? 'as they were' : `as ${change.profile} says`;
      this.#broken('profile', `${host} takes its settings to be ${end}, and ${name} is ${JSON.stringify(now)}`);
    }
    const version = versionOf(change);
    if (version !== undefined && !isUndone) this.#well.set(`${host} ${version}`, this.#clock.monotonic());
  }

  #judgeStart(host: string): void {
    const change = this.open(host);
    if (change !== undefined && change.impact !== 'None')
      this.#broken('10', `a guest begins on ${host}, which is being changed for ${change.profile} and must be empty`);
  }

  #judgeBoot(host: string): void {
    const change = this.open(host);
    if (change?.phase !== 'Boot' && change?.phase !== 'BootBack') return;
    const [guest] = this.#scene.book.guests().filter(({ host: on, state }) => on === host && state === 'Running');
    if (guest !== undefined) this.#broken('10', `${host} is booted for ${change.profile} while ${guest.spec.vm.name} runs on it`);
  }

  /** Judges a change in the API; the mirror shows it already. */
  change(kind: Mirrored, before: KubeObject | undefined, after: KubeObject | undefined): void {
    // One that its user was first to name says nothing yet.
    if (kind === 'profiles' && after === undefined && before !== undefined) this.#forget(before.metadata.name);
    if (this.#rollout !== undefined && kind === 'hosts' && after !== undefined && 'status' in after)
      this.#host(before as Host | undefined, after as Host);
  }

  /** Another one of its name begins anew, with the same settings too. */
  #forget(profile: string): void {
    for (const version of [...this.#begun.keys()]) if (version.startsWith(`${profile} `)) this.#begun.delete(version);
  }

  #host(before: Host | undefined, after: Host): void {
    const hosts = this.#scene.mirror.hosts();
    const { name } = after.metadata;
    for (const { name: profile, permit } of after.status.profiles ?? []) {
      const key = `${name} ${profile} ${permit?.revision ?? ''}`;
      if (permit !== undefined) this.#leave.set(key, [...(this.#leave.get(key) ?? []), permit.impact]);
    }
    const change = this.open(name);
    if (change !== undefined && change.impact !== 'None' && !isFor(after.status.claim, change.profile))
      this.#broken('profile', `the claim on ${name} was given back while it is changed for ${change.profile}`);
    const claimed = after.status.claim?.profile;
    if (claimed === undefined || isFor((before as Partial<Host> | undefined)?.status?.claim, claimed)) return;
    const away = hosts.filter(({ status }: Partial<Host>) => isFor(status?.claim, claimed)).map(({ metadata }) => metadata.name);
    if (away.length > this.#most(hosts.length))
      this.#broken('profile', `${away.join(', ')} are away for ${claimed} at once, and ${String(this.#most(hosts.length))} may be`);
  }

  #most(hosts: number): number {
    const { maxUnavailable = 1 } = this.#rollout ?? {};
    if (typeof maxUnavailable === 'number') return maxUnavailable;
    return Math.max(1, Math.floor((parseFloat(maxUnavailable) * hosts) / 100));
  }
}

function noteIn(text = '{}'): Note {
  return JSON.parse(text) as Note;
}

function isFor(claim: HostClaim | undefined, profile: string): boolean {
  return claim?.by === 'Profile' && claim.profile === profile;
}

/** Each version of a profile has a mark of its own. One that only mends what drifted has none. */
function versionOf({ profile, changes }: OpenChange): string | undefined {
  const mark = changes.find(({ key }) => key === marks.base || key === marks.other);
  return mark === undefined ? undefined : `${profile} ${JSON.stringify(mark.wanted)}`;
}

/** Sides that are not wanted are as they are. */
function isWanted(wanted: SettingValue, now: SettingValue): boolean {
  if (typeof wanted !== 'object' || typeof now !== 'object' || wanted === null || now === null) return equal(wanted, now);
  return Object.entries(wanted).every(([side, is]) => now[side] === is);
}
