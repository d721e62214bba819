import type { KnownDifference } from './known.ts';

/** docs/differences.md: what the embedded API server does otherwise than a real one, and why. */
export function differencesPage(known: readonly KnownDifference[]): string {
  const reasons = new Map<string, KnownDifference[]>();
  for (const difference of known) reasons.set(difference.why, [...(reasons.get(difference.why) ?? []), difference]);
  const rows = [...reasons].map(([why, some]) => `| ${cell(some.map(placeOf).join('; '))} | ${cell(why)} |`);
  return `${head}${rows.join('\n')}\n`;
}

const head = `<!-- Made by \`npm run generate\` from test/differential/known.ts; do not edit. -->

# Where the embedded API server differs

Scenarios are played on the embedded API server and on kube-apiserver 1.37, and status, headers, body and the events of watches are compared
(\`test/differential\`). What is left is this. One that no longer occurs fails the tests.

| Where | Why |
| --- | --- |
`;

function placeOf({ group, scenario, at }: KnownDifference): string {
  return `${group}: *${scenario.replaceAll('*', '…')}*${at === '*' ? '' : `, \`${at.replaceAll('*', '…')}\``}`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
