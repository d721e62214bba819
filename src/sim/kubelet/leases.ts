import { fnv1a } from '../../base/hash.ts';
import { messageOf, Stopped } from '../../base/errors.ts';
import { rfc3339Micro } from '../../base/time.ts';
import { Lease, Node } from '../../meta/core.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { isApiError } from '../../meta/status.ts';
import { kubeletManager, type KubeletContext } from './context.ts';
import { isOwn } from './node.ts';

export const nodeLeaseNamespace = 'kube-node-lease';
const renewEverySeconds = 10;
const leaseSeconds = 40;

/**
 * Renews the lease of each host that runs, has its Node, and reaches the API, every ten seconds: one timer for all of them, a tenth of them at each beat.
 * A host that came up is renewed at once.
 */
export async function renewLeasesForever(context: KubeletContext): Promise<void> {
  const { runtime, nodes, served } = context;
  const { clock, stopping, log } = runtime;
  const underWay = new Set<string>();
  const beats = new Map<string, number>();
  const beatOf = (host: string): number => {
    const known = beats.get(host) ?? firstBeat(host);
    beats.set(host, known);
    return known;
  };
  const renew = async (host: string): Promise<void> => {
    const node = nodes.get({ name: host });
    const template = served.get(host)?.template;
    if (node === undefined || template === undefined || !isOwn(node, template) || underWay.has(host) || !context.works(host)) return;
    underWay.add(host);
    try {
      await renewLease(context, node);
    } catch (error) {
      if (!(error instanceof Stopped)) log.warn('node lease not renewed', { host, error: messageOf(error) });
    }
    underWay.delete(host);
  };
  context.onChange((host) => void renew(host));
  nodes.onChange((before, after) => {
    if (before === undefined && after !== undefined && served.has(after.metadata.name)) void renew(after.metadata.name);
  });
  for (let beat = 0; !stopping.aborted; beat++) {
    for (const host of served.keys()) if ((beatOf(host) + beat) % renewEverySeconds === 0) void renew(host);
    await clock.sleep(1000, stopping).catch(() => undefined);
  }
}

function firstBeat(host: string): number {
  return parseInt(fnv1a(host).slice(-4), 16) % renewEverySeconds;
}

/** Says by the lease of `node` that its kubelet lives. */
export async function renewLease({ client, runtime }: KubeletContext, node: Node): Promise<void> {
  const { name, uid } = node.metadata;
  const ref = { namespace: nodeLeaseNamespace, name };
  const renewTime = rfc3339Micro(runtime.clock.now());
  const options = { fieldManager: kubeletManager };
  try {
    await client.patch(Lease, ref, { spec: { renewTime } }, options);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    const ownerReferences = [{ apiVersion: apiVersionOf(Node), kind: Node.kind, name, uid }];
    const spec = { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime };
    await client.create(Lease, { apiVersion: apiVersionOf(Lease), kind: Lease.kind, metadata: { ...ref, ownerReferences }, spec }, options);
  }
}
