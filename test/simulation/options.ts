import { parseArgs } from 'node:util';
import { scenarios, type Scenario } from './plan.ts';

export interface Options {
  readonly from: number;
  readonly to: number;
  /** A seed of each in turn. */
  readonly scenarios: readonly [Scenario, ...Scenario[]];
  readonly minutes: number;
  readonly jobs: number;
  /** No seed is begun after so many seconds. */
  readonly seconds: number;
  /** Where the trace of the only seed goes. */
  readonly trace: string | undefined;
  /** A plan to play instead of seeds. */
  readonly plan: string | undefined;
  readonly mutants: boolean;
  /** Only the mutant of this name. */
  readonly only: string | undefined;
  /** Keeps which seed caught each mutant. */
  readonly record: boolean;
  readonly coverage: boolean;
  readonly shrink: boolean;
  readonly help: boolean;
}

export const usage = `npm run simulate -- [options]

Plays the whole system on a virtual clock, with faults, and judges it by the rules of docs/simulation.md.

  --seeds A-B       which seeds (1-100); one number is one seed
  --scenario NAME   ${scenarios.join(', ')} (lifecycle); several, with commas between, or all: a seed of each in turn;
                    all are those in which things go wrong
  --minutes N       simulated minutes of each seed (10)
  --jobs N          processes side by side (1)
  --seconds N       begins no other seed after so many seconds
  --trace FILE      plays one seed and writes all that happened
  --plan FILE       plays a plan that an earlier failure left, instead of seeds
  --no-shrink       says what broke without looking for less that breaks it too
  --coverage        tells how often each fault met each step
  --mutants         switches each guard off in turn: its recorded seed, then others up to the last of --seeds, must notice
  --only NAME       of the mutants, this one
  --record          keeps which seed caught each mutant; with --coverage, how often a fault that is planned at a step comes
  --help            shows this
`;

/** @throws when they make no sense. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1-100' },
      scenario: { type: 'string', default: 'lifecycle' },
      minutes: { type: 'string', default: '10' },
      jobs: { type: 'string', default: '1' },
      seconds: { type: 'string', default: 'Infinity' },
      trace: { type: 'string' },
      plan: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      only: { type: 'string' },
      record: { type: 'boolean', default: false },
      coverage: { type: 'boolean', default: false },
      'no-shrink': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(values.seeds) ?? [];
  if (from === undefined || Number(to) < Number(from)) throw new Error(`--seeds ${values.seeds}: write them as 1-1000, or as 7`);
  if (values.trace !== undefined && values.plan === undefined && from !== to) throw new Error('--trace is for one seed');
  return {
    from: Number(from),
    to: Number(to),
    scenarios: scenariosIn(values.scenario),
    minutes: positive('--minutes', values.minutes),
    jobs: positive('--jobs', values.jobs),
    seconds: positive('--seconds', values.seconds),
    trace: values.trace,
    plan: values.plan,
    mutants: values.mutants,
    only: values.only,
    record: values.record,
    coverage: values.coverage,
    shrink: !values['no-shrink'],
    help: values.help,
  };
}

/** Nothing goes wrong there. */
const peaceful: ReadonlySet<Scenario> = new Set(['calm', 'rest']);

function scenariosIn(text: string): Options['scenarios'] {
  const names = text === 'all' ? scenarios.filter((one) => !peaceful.has(one)) : text.split(',');
  const [first, ...others] = names.map((name) => scenarios.find((one) => one === name));
  const rest = others.filter((one) => one !== undefined);
  if (first === undefined || rest.length !== others.length)
    throw new Error(`--scenario ${text}: there are ${scenarios.join(', ')}, and all`);
  return [first, ...rest];
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${flag} ${text}: write a number above 0`);
  return value;
}
