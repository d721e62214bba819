import { simulationManager } from '../../../../api/common.ts';
import { unlessGone } from '../../../../kube/unless-gone.ts';
import { Node } from '../../../../meta/core.ts';
import { someAtOnce } from './at-once.ts';
import type { HostPoolDependencies, PoolHost } from '../scope.ts';

/** On a Node that its pool has cordoned: it may be uncordoned by the pool. A user's cordon is the user's. */
const cordonedByPool = 'sim.hypersphere.io/cordoned-by-pool';

/** Cordons hosts that should go, and takes that back when they should stay after all. By server-side apply: the fields are ours alone. */
export async function cordonHosts({ client }: HostPoolDependencies, hosts: readonly PoolHost[]): Promise<void> {
  await someAtOnce(hosts, async ({ node, surplus }) => {
    if (node === undefined) return;
    const ours = node.metadata.annotations?.[cordonedByPool] !== undefined;
    if (surplus && node.spec?.unschedulable !== true) await apply(node, { [cordonedByPool]: 'true' }, { unschedulable: true });
    if (!surplus && ours) await apply(node, {}, {});
  });

  async function apply({ metadata }: Node, annotations: object, spec: object): Promise<void> {
    const { name, uid } = metadata;
    const object = { metadata: { name, uid, annotations }, spec };
    await unlessGone(client.apply(Node, { name }, object, { fieldManager: simulationManager }));
  }
}
