import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { full } from '../tools/full.ts';
import { churn } from './churn.ts';
import type { Plane } from './plane.ts';

/** Ten minutes with `--full`, one on a machine of the continuous integration, else a few seconds. */
export const churnSeconds = full ? 600 : process.env['CI'] === undefined ? 5 : 60;

/** Churns and holds what must come of it. Ends `plane`. */
export async function playChurn(t: TestContext, plane: Plane): Promise<void> {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`SEED=${String(seed)}`);
  try {
    const report = await churn(plane, { seconds: churnSeconds, seed, patient: full });
    const { written, events, struck, story, settled, wrong, differences, surprises } = report;
    t.diagnostic(`${String(written)} writes, ${String(events)} events; ${[...struck].map((one) => one.join(' ')).join(', ')}`);
    t.diagnostic(`settled after ${settled}`);
    t.diagnostic(story);
    assert.deepEqual({ wrong, differences, surprises }, { wrong: [], differences: [], surprises: [] }, `SEED=${String(seed)}`);
    // Otherwise nothing has been shown.
    assert.ok(written > 20 && events > 20);
    for (const why of ['lost', 'silent', 'refused', 'expired']) assert.match(story, new RegExp(`why="${why}"`));
  } finally {
    await plane.stop();
    endInTime();
  }
}

/** A client that goes on after its stop would keep the process until the runner's limit: that fails here, sooner, and tells what was alive. */
function endInTime(): void {
  const end = (): void => {
    process.stderr.write(`still alive after the churn: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.exit(1);
  };
  setTimeout(end, 20_000).unref();
}
