/** A fleet on a real control plane beside a bare client that only replays what the fleet asked: how much is ours, how much the server's. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { nodeOptions } from '../../scripts/launcher/options.mjs';
import { measure, type FleetLine, type Size } from './measure.ts';
import type { BareTask } from './bare-client.ts';
import { median, round } from './figures.ts';
import { recordedName, recordingFrom, type Recording } from './recording.ts';
import { realServer } from './servers.ts';

export interface BesideBareLine extends FleetLine {
  /** What the bare client took, and what the fleet took of that: medians of the rounds. */
  readonly bareSeconds: number;
  readonly ratio: number;
}

interface Round {
  readonly fleet: FleetLine;
  readonly bareSeconds: number;
}

/** Each round on servers of its own, fleet and bare client in turn. */
export async function besideBare(size: Size, rounds: number): Promise<BesideBareLine> {
  const recording = await record();
  tell(`${recording.chains.map((chain) => chain.length).join(', ')} requests for a VM, ${String(recording.watches.length)} watches`);
  const played: Round[] = [];
  while (played.length < rounds) {
    const fleet = await onFreshServer((server) => measure(server, size));
    const bareSeconds = await onFreshServer((server) => bare(server, recording, size.vms));
    tell(`round ${String(played.length + 1)}: ${JSON.stringify({ ...fleet, bareSeconds: round(bareSeconds) })}`);
    played.push({ fleet, bareSeconds });
  }
  return lineOf(played);
}

function lineOf(rounds: readonly Round[]): BesideBareLine {
  const middle = (figure: (round: Round) => number): number => round(median(rounds.map(figure)));
  return {
    seconds: middle(({ fleet }) => fleet.seconds),
    p50: middle(({ fleet }) => fleet.p50),
    p95: middle(({ fleet }) => fleet.p95),
    writesPerVm: middle(({ fleet }) => fleet.writesPerVm),
    rssMiB: {
      server: middle(({ fleet }) => fleet.rssMiB.server),
      operator: middle(({ fleet }) => fleet.rssMiB.operator),
      world: middle(({ fleet }) => fleet.rssMiB.world),
    },
    bareSeconds: middle(({ bareSeconds }) => bareSeconds),
    ratio: middle(({ fleet, bareSeconds }) => fleet.seconds / bareSeconds),
  };
}

type Server = Awaited<ReturnType<typeof realServer>>;

async function onFreshServer<T>(play: (server: Server) => Promise<T>, options?: Parameters<typeof realServer>[0]): Promise<T> {
  const server = await realServer(options);
  try {
    return await play(server);
  } finally {
    await server.stop();
  }
}

/** A few VMs, with every request's body in the log: none of this is measured. */
function record(): Promise<Recording> {
  const small = { hosts: 3, vms: 5 };
  return onFreshServer(
    async (server) => {
      await measure(server, { ...small, nameOf: recordedName });
      return recordingFrom(server.auditLog, small);
    },
    { audit: 'Request' },
  );
}

async function bare(server: Server, recording: Recording, vms: number): Promise<number> {
  const task: BareTask = { url: server.url, ca: await readFile(server.caFile, 'utf8'), token: server.adminToken, vms, recording };
  const program = join(import.meta.dirname, 'bare-client.ts');
  const client = spawn(process.execPath, [...nodeOptions, program], { stdio: ['pipe', 'pipe', 'inherit'] });
  client.stdin.end(JSON.stringify(task));
  const said = await text(client.stdout);
  if (said === '') throw new Error('the bare client failed');
  return (JSON.parse(said) as { seconds: number }).seconds;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
