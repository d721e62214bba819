import { realControlPlane } from '../real/control-plane.ts';
import { deploy } from '../real/deploy.ts';
import { realVariable, share } from '../real/shared.ts';
import { missing, realTools } from '../real/tools.ts';
import { e2eVariable } from '../e2e/control-plane.ts';
import { kubectlVariable } from '../e2e/programs.ts';
import type { Report } from './report.ts';

/** As many as a first `npm start` has: the suite speaks of them by name. */
const hosts = 8;

/**
 * Starts a real control plane with operator and simulated world on it, and calls `play` with the environment telling test files where it is.
 * @returns whether it could: false when it was skipped, aloud.
 */
export async function withRealControlPlane(report: Report, play: () => Promise<void>): Promise<boolean> {
  const why = missing();
  if (why !== false) {
    report.skip('real control plane', why);
    return false;
  }
  const say = (line: string): void => void process.stdout.write(`  ${line}\n`);
  report.heading('Real control plane');
  const tools = await realTools(say);
  const began = performance.now();
  const real = await realControlPlane({ tools });
  const shared = await share(real);
  try {
    const fleet = await deploy({ real, hosts });
    say(`up in ${((performance.now() - began) / 1000).toFixed(1)} s: ${real.url}`);
    Object.assign(process.env, {
      [realVariable]: shared.folder,
      [e2eVariable]: real.kubeconfig,
      [kubectlVariable]: tools.kubectl['1.37'],
    });
    await play();
    if (!report.isGood()) process.stdout.write(`\n${await fleet.lastWords()}\n`);
    await fleet.stop();
  } finally {
    await real.stop();
    await shared.done();
  }
  return true;
}
