/** A short table of the machines as they come up: drawn over itself on a terminal, a line a change elsewhere. */
import { ready } from '../../api/common.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import type { Clock } from '../../base/clock.ts';
import type { Cache } from '../../kube/types.ts';
import { findCondition, isTrue } from '../../meta/conditions.ts';
import { keyOf } from '../../meta/objects.ts';

export interface Row {
  readonly vm: string;
  readonly state: string;
  readonly host: string;
  /** Since the table began, until it became ready. */
  readonly seconds: string;
}

export interface Screen {
  write(text: string): void;
  readonly terminal: boolean;
  readonly height: number;
}

/** The table as lines of text; at most `height` of them, the rest counted. */
export function tableOf(rows: readonly Row[], height: number): string[] {
  const all: Row[] = [{ vm: 'VM', state: 'STATE', host: 'HOST', seconds: 'SECONDS' }, ...rows];
  const width = (column: keyof Row): number => Math.max(...all.map((row) => row[column].length));
  const widths = { vm: width('vm'), state: width('state'), host: width('host') };
  const lines = all.map(
    (row) => `${row.vm.padEnd(widths.vm)}  ${row.state.padEnd(widths.state)}  ${row.host.padEnd(widths.host)}  ${row.seconds}`,
  );
  const most = Math.max(3, height - 2);
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `… and ${String(lines.length - most + 1)} more`];
}

/** So long nothing may change before the rest is left to the person, milliseconds: a machine that fits nowhere would be waited for for ever. */
const patience = 15_000;
/** So long all must stay ready: after a restart the statuses tell of before it until somebody has looked. */
const calm = 1_000;

/** Follows `vms` until all are as they should be, or nothing moves any more. @returns those that are not. @throws {Stopped} with `signal`. */
export async function showUntilReady(
  vms: Pick<Cache<VirtualMachine>, 'list'>,
  clock: Clock,
  screen: Screen,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const began = clock.monotonic();
  const readyAt = new Map<string, number>();
  const printer = screen.terminal ? redrawing(screen) : appending(screen);
  let [before, changed] = ['', began];
  for (;;) {
    const now = clock.monotonic();
    const rows = vms.list().map((vm) => rowOf(vm, now - began, readyAt));
    printer(rows);
    const words = rows.map(({ vm, state, host }) => `${vm} ${state} ${host}`).join();
    if (words !== before) [before, changed] = [words, now];
    const missing = rows.filter(({ vm }) => !readyAt.has(vm)).map(({ vm }) => vm);
    if (now - changed >= (missing.length === 0 ? calm : patience)) return missing;
    await clock.sleep(200, signal);
  }
}

function rowOf(vm: VirtualMachine, elapsed: number, readyAt: Map<string, number>): Row {
  const key = keyOf(vm.metadata);
  if (!isTrue(vm.status.conditions, ready)) readyAt.delete(key);
  else if (!readyAt.has(key)) readyAt.set(key, elapsed);
  const at = readyAt.get(key);
  return { vm: key, state: stateOf(vm), host: vm.status.nodeName ?? '-', seconds: ((at ?? elapsed) / 1000).toFixed(1) };
}

function stateOf(vm: VirtualMachine): string {
  const said = findCondition(vm.status.conditions, ready);
  if (said?.status === 'True') return said.reason;
  return `${vm.status.phase ?? 'Pending'}${said === undefined || said.reason === 'Pending' || said.reason === vm.status.phase ? '' : ` (${said.reason})`}`;
}

function redrawing(screen: Screen): (rows: readonly Row[]) => void {
  let drawn = 0;
  return (rows) => {
    const lines = tableOf(rows, screen.height);
    const up = drawn === 0 ? '' : `\u001b[${String(drawn)}A`;
    screen.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    drawn = lines.length;
  };
}

function appending(screen: Screen): (rows: readonly Row[]) => void {
  const said = new Map<string, string>();
  return (rows) => {
    for (const row of rows) {
      const words = `${row.state} ${row.host}`;
      if (said.get(row.vm) === words) continue;
      said.set(row.vm, words);
      screen.write(`${row.seconds.padStart(6)}s  ${row.vm}: ${row.state}${row.host === '-' ? '' : ` on ${row.host}`}\n`);
    }
  };
}
