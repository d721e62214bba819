/** A real control plane by itself, to look around in: `node launch.mjs test/real/serve.ts`. Ctrl-C ends it. */
import { once } from 'node:events';
import { realControlPlane } from './control-plane.ts';
import { realVariable, share } from './shared.ts';

const real = await realControlPlane();
const shared = await share(real);
process.stdout.write(`export KUBECONFIG=${real.kubeconfig}\nexport ${realVariable}=${shared.folder}\n`);
const alive = setInterval(() => undefined, 60_000);
await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
clearInterval(alive);
await shared.done();
await real.stop();
