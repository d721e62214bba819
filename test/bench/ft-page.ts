/** The lines of bench `ft` as a page with pictures: Markdown, with charts in Mermaid. Pure. */
import type { Case, Gap, Line } from './ft-line.ts';

/** @param gap of one loss of power. */
export function protectionPage(lines: readonly Line[], gap: Gap): string {
  return [
    '# What a shadow costs, and what it saves',
    '',
    'Drawn by `npm run bench -- ft --picture docs/protection.md`: do not edit. All times are simulated; what they come from stands in',
    '`src/sim/world/protection/figures.ts`. A guest has 1 GiB, and writes a share of it anew each second.',
    '',
    '## The shadow goes on: one loss of power, moment by moment',
    '',
    ...timeLine(gap),
    '',
    ...charts(lines),
    '## All lines',
    '',
    ...table(lines),
    '',
  ].join('\n');
}

/** A gantt chart begins at its first moment: the last echo before the power was lost. */
function timeLine({ firstAnswer, firstEcho, lastEcho, live, silent }: Gap): string[] {
  const at = (moment: number): string => String(Math.round(moment - lastEcho));
  const bar = (name: string, from: number, to: number): string => `  ${name} :${at(from)}, ${at(Math.max(to, from + 1))}`;
  return [
    '```mermaid',
    'gantt',
    '  dateFormat x',
    '  axisFormat %L ms',
    '  section Original',
    bar('says nothing that its shadow does not have', lastEcho, 0),
    '  section Shadow',
    bar('hears nothing', 0, silent),
    bar('asks the arbiter and goes on', silent, live),
    bar('is the VM', live, firstAnswer),
    '  section Outside',
    bar('no echo', lastEcho, firstEcho),
    bar('the conversation waits until its client sends again', firstEcho, firstAnswer),
    '```',
  ];
}

const drawn = [
  { title: 'Work that the guest does, percent', of: (line: Line): number[] => [100 * line.work] },
  { title: 'Added to an echo, ms (half of them, and 99 %)', of: (line: Line): number[] => [line.addedMs.p50, line.addedMs.p99] },
  { title: 'Output that waits, KiB', of: (line: Line): number[] => [line.heldKiB] },
  {
    title: 'No echo when the host dies, ms (half of them, and 95 %)',
    of: ({ blackoutMs }: Line): number[] => [blackoutMs.p50, blackoutMs.p95],
  },
] as const;

/** Of the largest link, by the interval: one chart each for what is drawn, and each share of memory that is written. */
function charts(lines: readonly Line[]): string[] {
  const checkpoints = lines.filter(({ mode }) => mode === 'Checkpoint');
  const gbit = Math.max(...checkpoints.map((line) => line.gbit));
  const kinds = [
    ...Map.groupBy(
      checkpoints.filter((line) => line.gbit === gbit),
      ({ dirty }) => dirty,
    ),
  ];
  return drawn.flatMap(({ of, title }) => [
    `## ${title}, by the interval`,
    '',
    ...kinds.flatMap(([dirty, each]) => chart(`${percent(dirty)} of its memory a second, ${String(gbit)} Gbit/s`, each, of)),
  ]);
}

function chart(title: string, lines: readonly Line[], of: (line: Line) => readonly number[]): string[] {
  const series = of(lines[0] ?? fail()).map((_, index) => lines.map((line) => of(line)[index] ?? NaN));
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "interval, ms" [${lines.map(({ intervalMs }) => String(intervalMs)).join(', ')}]`,
    ...series.map((values) => `  line [${values.map((value) => value.toFixed(2)).join(', ')}]`),
    '```',
    '',
  ];
}

function fail(): never {
  throw new Error('there is no line to be drawn');
}

function table(lines: readonly Line[]): string[] {
  return [
    '| mode | interval, ms | link, Gbit/s | written a second | work | really each, ms | a checkpoint, KiB | waits, KiB | added p50 / p99, ms | silent after, ms | no echo p50 / p95 / max, ms | no answer p50 / p95 / max, ms |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...lines.map((line) => `| ${row(line).join(' | ')} |`),
  ];
}

function row(line: Line): string[] {
  const { addedMs, blackoutMs, checkpointKiB, conversationMs, detectionMs, everyMs, heldKiB, work } = line;
  return [
    ...asked(line),
    String(work),
    String(everyMs),
    String(checkpointKiB),
    String(heldKiB),
    `${String(addedMs.p50)} / ${String(addedMs.p99)}`,
    String(detectionMs),
    spread(blackoutMs),
    spread(conversationMs),
  ];
}

function asked({ dirty, gbit, intervalMs, mode }: Case): string[] {
  return [mode, String(intervalMs), String(gbit), percent(dirty)];
}

function spread({ max, p50, p95 }: Line['blackoutMs']): string {
  return [p50, p95, max].map(String).join(' / ');
}

function percent(share: number): string {
  return `${String(Math.round(1000 * share) / 10)} %`;
}
