/** How hosts must be by their profiles in the end, and what must be said of them: rules 2 and 11. */
import type { Compliance } from '../../src/api/host-compliance.ts';
import { findCondition } from '../../src/meta/conditions.ts';
import type { Scene, Violation } from './judge.ts';
import type { ProfileJudge } from './judge-profiles.ts';
import type { Plan } from './plan.ts';
import { isAs, isRefused } from './profile-pieces.ts';
import type { WantedProfile } from './profiling.ts';

export interface ProfileScene {
  readonly scene: Scene;
  readonly judge: ProfileJudge;
  readonly plan: Plan;
}

/** What is not yet as it must be in the end. */
export function unsettledProfiles(of: ProfileScene): Violation[] {
  const { scene, plan } = of;
  if (plan.profiles === undefined) return [];
  const wanted = scene.user().profiles.wanted();
  const hosts = [...scene.book.hosts.keys()];
  return [...hosts.flatMap((host) => hostsOwn(of, host, wanted)), ...wanted.flatMap((profile) => profilesOwn(of, profile, hosts))];
}

function hostsOwn({ scene, judge }: ProfileScene, host: string, wanted: readonly WantedProfile[]): Violation[] {
  const { profiles = [], compliance = [], claim } = scene.mirror.host(host)?.status ?? {};
  const names = wanted.map(({ name }) => name).sort();
  const found: Violation[] = [];
  if (!same(profiles, names)) found.push({ rule: '11', text: `${host} does not say that it is under ${names.join(', ') || 'no profile'}` });
  if (
    !same(
      compliance.map(({ profile }) => ({ name: profile })),
      names,
    )
  )
    found.push({ rule: '11', text: `${host} does not say how it is by ${names.join(', ') || 'no profile'}` });
  const open = judge.open(host);
  if (open !== undefined) found.push({ rule: 'profile', text: `${host} is left half-way (${open.phase}) by a change for ${open.profile}` });
  if (claim?.by === 'Profile' && !isWaiting(scene, claim.profile ?? '', host))
    found.push({ rule: '2', text: `${host} is claimed for ${claim.profile ?? 'nothing'}, which does not wait for it` });
  return found;
}

function same(found: readonly { readonly name: string }[], names: readonly string[]): boolean {
  return (
    found
      .map(({ name }) => name)
      .sort()
      .join() === names.join()
  );
}

/** It says that VMs keep the host from being empty, or that others are away. */
function isWaiting({ mirror }: Scene, profile: string, host: string | undefined): boolean {
  const said = findCondition(mirror.profile(profile)?.status.conditions, 'Ready');
  return said?.reason === 'Waiting' && (host === undefined || said.message.includes(`${host} is not empty`));
}

function profilesOwn(of: ProfileScene, profile: WantedProfile, hosts: readonly string[]): Violation[] {
  const { scene } = of;
  const found = hosts.flatMap((host) => honest(of, profile, host));
  const object = scene.mirror.profile(profile.name);
  const wrong = (text: string): void => void found.push({ rule: '11', text: `profile ${profile.name} ${text}` });
  if (object === undefined) return [...found, { rule: '2', text: `profile ${profile.name} is wanted, and not there` }];
  const { status, metadata } = object;
  if (status.observedGeneration !== metadata.generation) wrong('speaks of an older spec');
  const compliant = hosts.filter((host) => saidOf(of, profile, host)?.state === 'Compliant').length;
  if (status.hosts?.compliant !== compliant || status.hosts.total !== hosts.length)
    wrong(`says ${JSON.stringify(status.hosts)}, and ${String(compliant)} of ${String(hosts.length)} are as it says`);
  const said = findCondition(status.conditions, 'Ready');
  if ((said?.status === 'True') !== (compliant === hosts.length)) wrong(`says ${said?.reason ?? 'nothing'} (${said?.message ?? ''})`);
  return found;
}

function saidOf({ scene }: ProfileScene, { name }: WantedProfile, host: string): Compliance | undefined {
  return scene.mirror.host(host)?.status.compliance?.find(({ profile }) => profile === name);
}

function honest(of: ProfileScene, profile: WantedProfile, host: string): Violation[] {
  const said = saidOf(of, profile, host);
  if (said === undefined) return [];
  const wrong = (rule: string, text: string): Violation[] => [
    { rule, text: `${host} by ${profile.name} ${text}: ${said.state} ${said.message}` },
  ];
  const isSo = isMadeSo(of, profile, host);
  if (said.state === 'Unknown') return wrong('11', 'is in doubt, though its agent answers');
  if (said.applying === true) return wrong('11', 'says that it is being changed');
  if ((said.state === 'Compliant') !== isSo) return wrong('11', `is ${isSo ? '' : 'not '}as it should be`);
  if (isSo) return [];
  if (said.findings.length === 0 && said.refused === undefined) return wrong('11', 'does not say what differs');
  if (of.plan.profiles?.ends !== undefined && !isExcused(of, profile)) return wrong('2', 'is not as it should be, and nothing is wrong');
  return profile.enforcement === 'Report' || said.refused !== undefined || said.undone !== undefined || isExcused(of, profile)
    ? []
    : wrong('11', 'does not say why it is not changed');
}

/** By what was written on it: the settings of the profile, and none that another overrules. */
function isMadeSo({ scene, judge }: ProfileScene, profile: WantedProfile, host: string): boolean {
  const { profiles } = scene.user();
  if (isRefused(profile.pieces)) return false;
  const all = profiles.wanted();
  const before = all
    .slice(
      0,
      all.findIndex(({ name }) => name === profile.name),
    )
    .flatMap(({ pieces }) => pieces);
  return profile.pieces.every((piece) => {
    const isOverruled = before.some(({ key, value }) => key === piece.key && value !== piece.value);
    return !isOverruled && isAs(piece, judge.value(host, piece), profiles.answersOf(host));
  });
}

/** The profile says that it waits for VMs that cannot leave, or for a person. */
function isExcused({ scene, plan }: ProfileScene, { name }: WantedProfile): boolean {
  const stalled = findCondition(scene.mirror.profile(name)?.status.conditions, 'Stalled')?.status === 'True';
  return isWaiting(scene, name, undefined) || (stalled && plan.profiles?.ends === undefined);
}
