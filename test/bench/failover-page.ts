/** One failover, moment by moment, as a page with a picture: Markdown, with a chart in Mermaid. Pure. */
import type { Moments } from './failover-moments.ts';

/** @param size what the fleet was, and how many VMs the host had. */
export function failoverPage(moments: Moments, size: { readonly hosts: number; readonly vms: number; readonly killed: number }): string {
  const { announced, fenced, lastBeat, placed, running, suspected } = moments;
  return [
    '# A failover, moment by moment',
    '',
    `Drawn by \`npm run bench -- failover --hosts ${String(size.hosts)} --vms ${String(size.vms)} --runs 1 --picture docs/failover.md\`: do not edit. One host of ${String(size.hosts)}`,
    `loses its power, with ${String(size.killed)} of ${String(size.vms)} VMs on it. All times are simulated; a BMC takes 1–4 s for an answer.`,
    '',
    ...chart(moments),
    '',
    '| from the loss of power, s | |',
    '| --- | --- |',
    row(lastBeat, 'its last heartbeat that was heard'),
    row(suspected, 'suspected: silent for 1.5 s, and its BMC is asked'),
    row(announced, 'taken for dead: no witness tells of it, and that its power is to be cut is written'),
    row(fenced, 'fenced: its BMC has said that it is off'),
    row(placed[0], 'the first of its VMs is given to another host'),
    row(placed[1], 'the last of them'),
    row(running[0], 'the first of them runs'),
    row(running[1], 'the last of them'),
    '',
    'What is decided at each of these moments, and why nothing may come sooner: [ADR 17](adr/0017-a-host-that-dies.md).',
    '',
  ].join('\n');
}

/** A gantt chart begins at its first moment, which is the last heartbeat. */
function chart({ announced, fenced, lastBeat, running, suspected }: Moments): string[] {
  const at = (moment: number): string => String(Math.round(moment - lastBeat));
  const bar = (name: string, from: number, to: number): string => `  ${name} :${at(from)}, ${at(Math.max(to, from + 1))}`;
  return [
    '```mermaid',
    'gantt',
    '  dateFormat x',
    '  axisFormat %S.%L s',
    '  section Host',
    bar('its last heartbeat', lastBeat, 0),
    bar('without power', 0, running[1]),
    '  section Operator',
    bar('notices nothing', 0, suspected),
    bar('suspects it, asks its BMC and other witnesses', suspected, announced),
    bar('fences it', announced, fenced),
    '  section Its VMs',
    bar('are down', 0, running[0]),
    bar('are placed and start elsewhere', fenced, running[1]),
    '```',
  ];
}

function row(moment: number, what: string): string {
  return `| ${(moment / 1000).toFixed(3)} | ${what} |`;
}
