/** The kubelets of all simulated hosts: their Nodes, their leases, and the Pods that land on them. */
import type { ControllerSpec } from '../../kube/types.ts';
import type { KubeletContext, KubeletDependencies, ServedHost } from './context.ts';
import { renewLeasesForever } from './leases.ts';
import { nodeController } from './node-controller.ts';
import type { NodeTemplate } from './node.ts';
import { podController } from './pod-controller.ts';

export interface Kubelet {
  /** From now on the host has a kubelet; it registers its Node when the host runs. */
  serve(template: NodeTemplate): void;
  /** The host has no kubelet any more. Its Node stays. */
  retire(host: string): void;
  readonly controllers: readonly ControllerSpec[];
  /** Runs until `runtime.stopping`. */
  renewLeases(): Promise<void>;
}

export function kubelet(dependencies: KubeletDependencies): Kubelet {
  const { world } = dependencies;
  const served = new Map<string, ServedHost>();
  const handlers = new Set<(host: string) => void>();
  const changed = (host: string): void => {
    for (const handler of handlers) handler(host);
  };
  const context: KubeletContext = {
    ...dependencies,
    served,
    works: (host) => {
      const state = world.hostState(host);
      return served.has(host) && state?.running === true && state.connected;
    },
    onChange: (handler) => void handlers.add(handler),
  };
  const last = new Map<string, boolean>();
  world.onChange((host) => {
    // Guests come and go by the thousand; to a kubelet that is nothing.
    const works = context.works(host);
    if (last.get(host) === works) return;
    last.set(host, works);
    changed(host);
  });
  return {
    serve: (template) => {
      if (served.has(template.name)) return;
      served.set(template.name, { template, registeredIn: undefined });
      changed(template.name);
    },
    retire: (host) => {
      served.delete(host);
      last.delete(host);
    },
    controllers: [nodeController(context), podController(context)],
    renewLeases: () => renewLeasesForever(context),
  };
}
