/** How many PATCHes of a status a second our client sends, beside undici alone and the stock client, to a server that only answers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
import { median, round } from './figures.ts';
import { bare, ours, stock, type Patcher, type Place } from './patchers.ts';

const flags = {
  rounds: { type: 'string', value: 'N', help: 'how many rounds, of which the medians are told (7)' },
  milliseconds: { type: 'string', value: 'N', help: 'how long each client works in a round, at 1 and at 10 in flight (1500)' },
} as const;

/** The clients take turns of this length at most, so that what else the machine does falls on all of them alike. */
const turnMs = 250;

interface Rates {
  /** PATCHes a second at 1 in flight, and at 10. */
  readonly perSecond1: number;
  readonly perSecond10: number;
}

interface Ratios {
  /** By undici alone in the same round. */
  readonly ratioToUndici1: number;
  readonly ratioToUndici10: number;
}

export interface ClientLine extends Ratios, Rates {
  readonly undici: Rates;
  readonly stock: Ratios & Rates;
}

type Name = 'undici' | 'ours' | 'stock';
type Round = Readonly<Record<Name, Rates>>;
type Patchers = Readonly<Record<Name, Patcher>>;

export async function clientBench(args: readonly string[]): Promise<ClientLine> {
  const values = readFlags(args, flags);
  const rounds = numberFlag(values, 'rounds', { from: 1, to: 1000 }) ?? 7;
  const milliseconds = numberFlag(values, 'milliseconds', { from: 1, to: 600_000 }) ?? 1500;
  const program = join(import.meta.dirname, 'constant-server.ts');
  const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [said] = (await once(server.stdout, 'data')) as [Buffer];
    return lineOf(await play(JSON.parse(said.toString()) as Place, rounds, milliseconds));
  } finally {
    server.kill('SIGKILL');
  }
}

async function play(place: Place, rounds: number, milliseconds: number): Promise<Round[]> {
  const patchers: Patchers = { undici: bare(place), ours: ours(place), stock: stock(place) };
  const played: Round[] = [];
  try {
    // Opens connections and warms the compiler up.
    await roundOf(patchers, Math.min(milliseconds, turnMs));
    while (played.length < rounds) {
      const result = await roundOf(patchers, milliseconds);
      played.push(result);
      process.stderr.write(`round ${String(played.length)}: ${JSON.stringify(result)}\n`);
    }
  } finally {
    await Promise.all(Object.values(patchers).map((patcher) => patcher.close()));
  }
  return played;
}

async function roundOf(patchers: Patchers, milliseconds: number): Promise<Round> {
  const [one, ten] = [await ratesAt(patchers, 1, milliseconds), await ratesAt(patchers, 10, milliseconds)];
  const rates = (name: Name): Rates => ({ perSecond1: one[name], perSecond10: ten[name] });
  return { undici: rates('undici'), ours: rates('ours'), stock: rates('stock') };
}

async function ratesAt(patchers: Patchers, inFlight: number, milliseconds: number): Promise<Record<Name, number>> {
  const names: Name[] = ['undici', 'ours', 'stock'];
  const turns = Math.ceil(milliseconds / turnMs);
  const sums = { undici: { answers: 0, ms: 0 }, ours: { answers: 0, ms: 0 }, stock: { answers: 0, ms: 0 } };
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) {
      const { answers, ms } = await patchFor(patchers[name], inFlight, milliseconds / turns);
      sums[name].answers += answers;
      sums[name].ms += ms;
    }
    // Who comes first changes.
    names.push(...names.splice(0, 1));
  }
  const rate = (name: Name): number => Math.round((sums[name].answers * 1000) / sums[name].ms);
  return { undici: rate('undici'), ours: rate('ours'), stock: rate('stock') };
}

async function patchFor(patcher: Patcher, inFlight: number, milliseconds: number): Promise<{ answers: number; ms: number }> {
  let answers = 0;
  const began = performance.now();
  const work = async (): Promise<void> => {
    do {
      if ((await patcher.patch(answers)) === '') throw new Error('an answer without a version');
      answers++;
    } while (performance.now() - began < milliseconds);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return { answers, ms: performance.now() - began };
}

function lineOf(played: readonly Round[]): ClientLine {
  const rates = (name: Name): Rates => ({
    perSecond1: Math.round(median(played.map((one) => one[name].perSecond1))),
    perSecond10: Math.round(median(played.map((one) => one[name].perSecond10))),
  });
  const ratios = (name: Name): Ratios => ({
    ratioToUndici1: round(median(played.map((one) => one[name].perSecond1 / one.undici.perSecond1))),
    ratioToUndici10: round(median(played.map((one) => one[name].perSecond10 / one.undici.perSecond10))),
  });
  return { ...ratios('ours'), ...rates('ours'), undici: rates('undici'), stock: { ...ratios('stock'), ...rates('stock') } };
}
