/** What bench `ft --pairs` adds to the page of bench `ft`: its last section. Pure. */
import type { FleetLine, Spread } from './ft-line.ts';

const heading = '## Hosts that die at once';

interface Drawn {
  readonly pairs: number;
  readonly hosts: number;
  readonly kill: number;
  readonly runs: number;
}

/** @returns `page` with the section of these figures in the place of the one that it had. */
export function withFleetSection(page: string, size: Drawn, line: FleetLine): string {
  return `${withoutSection(page)}\n${section(size, line).join('\n')}`;
}

/** @returns `page` with the section that `before` had. */
export function keepingFleetSection(page: string, before: string): string {
  const at = before.indexOf(heading);
  return at < 0 ? page : `${withoutSection(page)}\n${before.slice(at)}`;
}

function withoutSection(page: string): string {
  const at = page.indexOf(heading);
  return `${(at < 0 ? page : page.slice(0, at)).trimEnd()}\n`;
}

function section({ hosts, kill, pairs, runs }: Drawn, line: FleetLine): string[] {
  const options = `--pairs ${String(pairs)} --hosts ${String(hosts)} --kill ${String(kill)} --runs ${String(runs)}`;
  return [
    heading,
    '',
    `Drawn by \`npm run bench -- ft ${options} --picture docs/protection.md\`: the whole system, ${String(pairs)} VMs with shadows on`,
    `${String(hosts)} hosts, of which ${String(kill)} lose their power at one instant, ${String(runs)} times.`,
    '',
    '| what | |',
    '|---|---|',
    row('pairs that lost their original', line.lostOriginal),
    row('of these, pairs whose shadow lived', line.livePeer),
    row('of these, pairs whose shadow went on', line.wentOn),
    row('pairs that lost anything', line.affected),
    row('blackout p50 / p95 / max, ms', spreadOf(line.blackoutMs)),
    row('protected again after, p50 / p95 / max, s', spreadOf(line.protectedSeconds)),
    row('writes of the operator, by those that went on', line.operatorWritesPerFailover),
    row('writes of everybody', line.writes),
    row('broken rules', line.broken),
    '',
  ];
}

function row(what: string, figure: number | string): string {
  return `| ${what} | ${String(figure)} |`;
}

function spreadOf({ max, p50, p95 }: Spread): string {
  return `${String(p50)} / ${String(p95)} / ${String(max)}`;
}
