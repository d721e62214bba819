import type { ControllerSpec, Result } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { Node } from '../../meta/core.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import type { HostState } from '../world/world.ts';
import { kubeletManager, type KubeletContext, type ServedHost } from './context.ts';
import { renewLease } from './leases.ts';
import { isOwn, nodeOf, nodeStatusOf } from './node.ts';

/** Registers each host's Node, once a boot, and keeps its status true. Never touches a user's labels, taints or cordon. */
export function nodeController(context: KubeletContext): ControllerSpec {
  const { nodes, world, served } = context;
  return {
    name: 'simulated-node',
    concurrency: 8,
    watch: (enqueue) => {
      context.onChange((name) => {
        enqueue({ name });
      });
      nodes.onChange((_, after) => {
        if (after !== undefined && served.has(after.metadata.name)) enqueue({ name: after.metadata.name });
      });
    },
    reconcile: async ({ name }): Promise<Result> => {
      const host = served.get(name);
      const state = world.hostState(name);
      if (host === undefined || state === undefined || !context.works(name)) return undefined;
      const node = host.registeredIn === state.bootId ? nodes.get({ name }) : await register(context, host, state);
      if (node !== undefined && isOwn(node, host.template)) await postStatus(context, node, state);
      return undefined;
    },
  };
}

/** Makes the Node if it is not there. */
async function register({ client, nodes, runtime }: KubeletContext, host: ServedHost, state: HostState): Promise<Node> {
  const draft = nodeOf(host.template, state, runtime.clock.now());
  const node = nodes.get({ name: host.template.name }) ?? (await client.create(Node, draft, { fieldManager: kubeletManager }));
  host.registeredIn = state.bootId;
  return node;
}

/** By server-side apply: others write conditions of their own, and take ours over when the host is silent. */
async function postStatus(context: KubeletContext, node: Node, state: HostState): Promise<void> {
  const { client, runtime } = context;
  const { name, uid } = node.metadata;
  const status = nodeStatusOf(name, state, node.status, runtime.clock.now());
  if (status === node.status) return;
  // Whoever gave it up goes by its lease: contradicted before that is renewed, they would say so again, and so on.
  if (isGivenUp(node)) await renewLease(context, node);
  const object = { apiVersion: apiVersionOf(Node), kind: Node.kind, metadata: { name, uid }, status };
  // Deleted, or made anew, since it was read.
  await unlessGone(client.apply(Node, { name }, object, { fieldManager: kubeletManager, subresource: 'status' }));
}

function isGivenUp({ status }: Node): boolean {
  return status?.conditions?.some(({ type, status: said }) => type === 'Ready' && said === 'Unknown') ?? false;
}
