/** What a shadow costs its VM and what it saves: guests on simulated hosts, a client outside who talks with them, and hosts that lose their power. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { seededRandom } from '../../src/base/random.ts';
import { numberFlag, readFlags, textFlag } from '../../src/cmd/flags.ts';
import type { Protection } from '../../src/ports/fault-tolerance.ts';
import { silenceMsFor } from '../../src/agent/protection/primary.ts';
import { appoint, ledgerBench, look, type LedgerBench } from '../../src/sim/world/protection/test-support.ts';
import { ipFrame } from '../../src/sim/world/network/test-support.ts';
import { ftFleet } from './ft-fleet.ts';
import { keepingFleetSection, withFleetSection } from './ft-fleet-page.ts';
import { at, spread, type Case, type FleetLine, type Gap, type Line } from './ft-line.ts';
import { protectionPage } from './ft-page.ts';
import { round } from './figures.ts';

const sizes = { from: 1, to: 1000 };
const flags = {
  runs: { type: 'string', value: 'N', help: 'losses of power for each line (20); with --pairs, of the fleet (1)' },
  interval: { type: 'string', value: 'MS', help: 'only the lines of this interval' },
  gbit: { type: 'string', value: 'N', help: 'only the lines of this link' },
  picture: { type: 'string', value: 'FILE', help: 'where the page with pictures of these lines is written' },
  seconds: { type: 'string', value: 'N', help: 'simulated, that answers are measured for (20)' },
  pairs: { type: 'string', value: 'N', help: 'instead: so many VMs with shadows on the whole system' },
  hosts: { type: 'string', value: 'N', help: 'with --pairs: simulated hosts (50)' },
  kill: { type: 'string', value: 'N', help: 'with --pairs: hosts that lose their power at once (5)' },
  seed: { type: 'string', value: 'N', help: 'with --pairs: of which hosts, and when (1)' },
} as const;

/** The one whose time line is drawn. */
const usual: Case = { mode: 'Checkpoint', intervalMs: 50, gbit: 10, dirty: 0.05 };

const memoryBytes = 2 ** 30;
/** Simulated milliseconds until a guest that writes more than its link carries has been slowed down far enough. */
const paceMs = 15_000;
const intervals = [20, 50, 100, 200, 500] as const;
const links = [1, 10] as const;
/** Of its memory, what a guest writes anew each second; idle ones write a thousandth. */
const shares = [0.001, 0.05, 0.5] as const;

/** @returns a line for the console: simulated milliseconds. */
export async function ft(args: readonly string[]): Promise<{ readonly lines: readonly Line[] } | FleetLine> {
  const values = readFlags(args, flags);
  const number = (name: keyof typeof flags, usual: number): number => numberFlag(values, name, sizes) ?? usual;
  const picture = textFlag(values, 'picture');
  const pairs = numberFlag(values, 'pairs', sizes);
  if (pairs !== undefined) {
    const size = { pairs, hosts: number('hosts', 50), kill: number('kill', 5), runs: number('runs', 1), seed: number('seed', 1) };
    const line = await ftFleet(size);
    if (picture !== undefined) await writeFile(picture, withFleetSection(await pageIn(picture), size, line));
    return line;
  }
  const runs = number('runs', 20);
  const ms = 1000 * number('seconds', 20);
  const lines: Line[] = [];
  for (const one of cases(numberFlag(values, 'interval', sizes), numberFlag(values, 'gbit', sizes))) {
    lines.push(await lineOf(one, runs, ms));
    process.stderr.write(`${JSON.stringify(lines.at(-1))}\n`);
  }
  if (picture !== undefined)
    await writeFile(picture, keepingFleetSection(protectionPage(lines, await blackout(usual, 0)), await pageIn(picture)));
  return { lines };
}

async function pageIn(file: string): Promise<string> {
  return existsSync(file) ? readFile(file, 'utf8') : '';
}

function cases(onlyInterval: number | undefined, onlyGbit: number | undefined): Case[] {
  const checkpoints = links.flatMap((gbit) =>
    shares.flatMap((dirty) => intervals.map((intervalMs): Case => ({ mode: 'Checkpoint', intervalMs, gbit, dirty }))),
  );
  const lockstep = links.map((gbit): Case => ({ mode: 'Lockstep', intervalMs: 50, gbit, dirty: 0.5 }));
  return [...checkpoints, ...lockstep].filter(
    ({ gbit, intervalMs }) => intervalMs === (onlyInterval ?? intervalMs) && gbit === (onlyGbit ?? gbit),
  );
}

async function lineOf(one: Case, runs: number, ms: number): Promise<Line> {
  const bare = await course(await place(one, { unprotected: true }), ms);
  const kept = await course(await place(one), ms);
  const gaps: Gap[] = [];
  for (let run = 0; run < runs; run++) gaps.push(await blackout(one, run));
  const added = (share: number): number => round(Math.max(0, at(kept.waits, share) - at(bare.waits, share)));
  return {
    ...one,
    work: round(kept.milliCores / bare.milliCores),
    everyMs: round(mean(kept.everyMs)),
    checkpointKiB: round(mean(kept.bytes) / 2 ** 10),
    heldKiB: round(mean(kept.held) / 2 ** 10),
    addedMs: { p50: added(0.5), p99: added(0.99) },
    blackoutMs: spread(gaps.map(({ firstEcho, lastEcho }) => firstEcho - lastEcho)),
    conversationMs: spread(gaps.map(({ firstAnswer, lastAnswer }) => firstAnswer - lastAnswer)),
    detectionMs: silenceMsFor(one.intervalMs),
  };
}

function place(
  { dirty, gbit, intervalMs, mode }: Case,
  more: { readonly unprotected?: true; readonly seed?: number } = {},
): Promise<LedgerBench> {
  return ledgerBench({
    ...more,
    mode,
    intervalMs,
    silenceMs: silenceMsFor(intervalMs),
    nicBitsPerSecond: gbit * 1e9,
    bytesPerSecond: dirty * memoryBytes,
    workingSet: dirty,
    memoryBytes,
    clients: [{ thinkMs: 5 }],
  });
}

/** Somebody outside who asks the guest for an echo, again and again. */
interface Echoes {
  /** When each came, and how long it took, milliseconds. */
  readonly came: readonly number[];
  readonly took: readonly number[];
}

const echoEveryMs = 3;

function echoes(bench: LedgerBench): Echoes {
  const address = '10.0.0.250';
  const outsider = bench.outsider({ name: 'echo', mac: '06:00:00:00:00:50', addresses: [address] });
  const to = bench.portOf('web');
  const [target = ''] = to.addresses;
  const asked: number[] = [];
  const came: number[] = [];
  const took: number[] = [];
  outsider.hear(({ payload }) => {
    if (payload.type !== 'IP' || payload.protocol !== 'ICMP') return;
    came.push(outsider.now());
    took.push(outsider.now() - (asked[payload.sequence] ?? NaN));
  });
  const ask = (): void => {
    const words = { src: address, dst: target, protocol: 'ICMP', srcPort: 0, dstPort: 0, sequence: asked.length } as const;
    asked.push(outsider.now());
    outsider.send(ipFrame(outsider.mac(), to.mac, words));
    outsider.after(echoEveryMs, ask);
  };
  ask();
  return { came, took };
}

interface Course {
  readonly milliCores: number;
  readonly waits: readonly number[];
  readonly everyMs: readonly number[];
  readonly bytes: readonly number[];
  readonly held: readonly number[];
}

/** So long, once it has found its pace. */
async function course(bench: LedgerBench, ms: number): Promise<Course> {
  const stepMs = 50;
  const { took } = echoes(bench);
  await bench.clock.advance(paceMs);
  const first = took.length;
  const { guests } = bench.host('a');
  await guests.sample();
  const seen: Protection[] = [];
  for (let passed = 0; passed < ms; passed += stepMs) {
    await bench.clock.advance(stepMs);
    const now = await bench.protection('a');
    if (now !== undefined) seen.push(now);
  }
  const milliCores = (await guests.sample())[0]?.milliCores ?? NaN;
  bench.check();
  return {
    milliCores,
    waits: took.slice(first),
    everyMs: seen.map(({ intervalMs }) => intervalMs),
    bytes: seen.map(({ checkpointBytes }) => checkpointBytes),
    held: seen.map(({ heldBytes }) => heldBytes),
  };
}

/** As those outside see it; the disk and all answers are judged as well. */
async function blackout(one: Case, run: number): Promise<Gap> {
  const bench = await place(one, { seed: run + 1 });
  await appoint(bench, 'a', 'web-1', 'web-2');
  const { came } = echoes(bench);
  const { news } = bench.observer;
  await bench.clock.advance(paceMs + seededRandom(run + 1).integer(1000));
  await bench.fault('PowerLoss', 'a');
  const lost = bench.clock.monotonic();
  // What was on its way arrives.
  await bench.clock.advance(1);
  const before = { echoes: came.length, news: news.length };
  let seen = { silent: NaN, live: NaN };
  while (came.length === before.echoes || news.length === before.news) {
    if (bench.clock.monotonic() - lost > 60_000) throw new Error(`nobody goes on: ${JSON.stringify(one)}`);
    const silent = bench.clock.monotonic() - lost;
    if ((await look(bench, 'b')) !== undefined) seen = { silent, live: bench.clock.monotonic() - lost };
    await bench.clock.advance(1);
  }
  bench.check();
  const at = (moments: readonly number[], index: number): number => (moments[index] ?? NaN) - lost;
  return {
    ...seen,
    lastEcho: at(came, before.echoes - 1),
    firstEcho: at(came, before.echoes),
    lastAnswer: at(news, before.news - 1),
    firstAnswer: at(news, before.news),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
