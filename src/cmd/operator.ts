/** The operator as a process of its own: `operator.ts [--kubeconfig FILE] [--listen ADDR:PORT] [--simulated-hosts]`. */
import { hostname } from 'node:os';
import { operatorManager } from '../api/common.ts';
import { programVersion } from '../base/version.ts';
import { client as clientOf } from '../kube/client.ts';
import type { Health } from '../kube/health.ts';
import { metrics as newMetrics } from '../kube/metrics.ts';
import { runOperator } from '../controllers/operator.ts';
import { serveText, type TextPages } from '../net/serve-text.ts';
import { Observer } from '../sim/observer.ts';
import { followSite } from '../sim/site/follow.ts';
import { pinoLog } from '../system/log.ts';
import { systemRuntime } from '../system/runtime.ts';
import { connectCluster } from './cluster.ts';
import { addressFlag, helpOf, readFlags, textFlag, type Flags } from './flags.ts';
import { main } from './main.ts';
import { findSite } from './site.ts';

const flags: Flags = {
  kubeconfig: { type: 'string', value: 'FILE', help: 'the cluster (KUBECONFIG, ~/.kube/config, or the service account of the Pod)' },
  listen: { type: 'string', value: 'ADDR:PORT', help: 'where /healthz, /readyz and /metrics are served (127.0.0.1:8081)' },
  'simulated-hosts': {
    type: 'boolean',
    help: 'hosts are simulated, by a world with --offer: it is heard which of them live, and their power is switched',
  },
  help: { type: 'boolean', help: 'show this' },
};

await main(async (stopping) => {
  const values = readFlags(process.argv.slice(2), flags);
  if (values['help'] === true) return void process.stdout.write(`${helpOf(flags)}\n`);
  const address = addressFlag(values, 'listen', '127.0.0.1:8081');
  const file = textFlag(values, 'kubeconfig');
  const log = pinoLog();
  const identity = `${process.env['POD_NAME'] ?? hostname()}-${String(process.pid)}`;
  const runtime = systemRuntime(identity, stopping, log);
  const transport = await connectCluster(file === undefined ? {} : { file });
  const metrics = newMetrics();
  let health = (): Health => ({ ok: false, problems: ['it has not begun'] });
  // The port before the lead: whoever cannot have it ends, and a replica would wait for what it had begun to lead.
  const pages = await serveText(
    pagesOf(
      () => health(),
      () => metrics.print(),
    ),
    { ...address, log },
  );
  const { controlPlane } = transport;
  const site = values['simulated-hosts'] === true ? new Observer({ clock: runtime.clock }) : undefined;
  const operator = runOperator({
    controlPlane,
    runtime,
    identity,
    version: programVersion,
    metrics,
    ...(site === undefined ? {} : { site }),
  });
  const client = clientOf(controlPlane, runtime, { userAgent: `hypersphere-operator/${programVersion}`, fieldManager: operatorManager });
  const following = site === undefined ? undefined : followSite({ runtime, observer: site, find: () => findSite(client) });
  health = () => operator.health();
  await Promise.all([operator.done, following]);
  await pages.close();
  await transport.close();
});

/** What a kubelet and Prometheus ask for. */
function pagesOf(health: () => Health, print: () => string): TextPages {
  return {
    '/healthz': () => ({ status: 200, text: 'ok\n' }),
    '/readyz': () => {
      const { ok, problems } = health();
      return ok ? { status: 200, text: 'ok\n' } : { status: 503, text: `${problems.join('\n')}\n` };
    },
    '/metrics': () => ({ status: 200, text: print() }),
  };
}
