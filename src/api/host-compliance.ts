/** What a Host says of the profiles that it is under. */
import { impacts } from './setting.ts';
import { boolean, choice, listOf, mapOf, object, optional, text, time, type Static } from './schema.ts';

const impact = (description: string) => choice(description, ...impacts);
const settingWords = text('Which: sysctl vm.swappiness.', 320);
const revision = (description: string) => text(description, 16);

const profileHere = object('One HostProfile that selects the host.', {
  name: text('Which.', 63),
  permit: optional(
    object('What the agent may change without asking again.', {
      revision: revision('The settings, as they are on this host, for which this holds.'),
      impact: impact('Up to what impact.'),
    }),
  ),
});

export const profilesHere = mapOf(
  'The HostProfiles that select the host, the one whose word counts most first; written by the operator.',
  profileHere,
  ['name'],
  64,
);

const finding = object('A setting that is not as it should be.', {
  setting: settingWords,
  expected: text('What it should be.', 256),
  found: text('What it is.', 256),
});

const conflict = object('A setting that another profile wants to be different.', {
  setting: settingWords,
  with: text('The other profile.', 63),
  counts: boolean('Whether the word of this profile counts here.'),
});

const complianceOfProfile = object('How the host is by one profile.', {
  profile: text('Which.', 63),
  revision: revision('A hash of its settings, as they are on this host.'),
  state: choice('Unknown: the host could not look.', 'Compliant', 'NonCompliant', 'Unknown'),
  since: time('Since when it is so.'),
  impact: impact('What it would do to the host to make it so.'),
  message: text('What differs, in words for people.', 1024),
  findings: listOf('What differs: the first of it.', finding, 16),
  conflicts: optional(listOf('Where profiles want different things: the first of it.', conflict, 16)),
  refused: optional(text('Why the host cannot be made so: nothing is changed.', 1024)),
  undone: optional(
    object('A change that was undone. It is not tried again before the profile, or an answer of the host, changes.', {
      revision: revision('The settings that it was about.'),
      setting: optional(text('What did it, as far as that is known.', 320)),
      message: text('Why, in words for people.', 1024),
    }),
  ),
  applying: optional(boolean('Its agent is changing the host, which must be left alone until it says that it is done.')),
});

export const compliance = mapOf('How the host is by each of its profiles; written by its agent.', complianceOfProfile, ['profile'], 64);

export type ProfileHere = Static<typeof profileHere>;
export type Permit = NonNullable<ProfileHere['permit']>;
export type Compliance = Static<typeof complianceOfProfile>;
export type ComplianceFinding = Static<typeof finding>;
export type ComplianceConflict = Static<typeof conflict>;
export type UndoneChange = NonNullable<Compliance['undone']>;
