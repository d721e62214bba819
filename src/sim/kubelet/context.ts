import { simulationManager } from '../../api/common.ts';
import type { Runtime } from '../../base/runtime.ts';
import type { Cache, Client } from '../../kube/types.ts';
import type { Node, Pod } from '../../meta/core.ts';
import type { SimulatedWorld } from '../world/world.ts';
import type { NodeTemplate } from './node.ts';

/** Kubelets own the fields that they write under a name of their own: they are a process of their own on real hosts. */
export const kubeletManager = `${simulationManager}-kubelet`;

export interface KubeletDependencies {
  readonly client: Client;
  readonly runtime: Runtime;
  readonly world: SimulatedWorld;
  readonly nodes: Cache<Node>;
  /** With the index `podsByNode`. */
  readonly pods: Cache<Pod>;
}

/** What a kubelet remembers of its host. */
export interface ServedHost {
  readonly template: NodeTemplate;
  /** The boot in which it registered its Node. It does so once a boot: who deletes a Node means it. */
  registeredIn: string | undefined;
}

export interface KubeletContext extends KubeletDependencies {
  /** By name. */
  readonly served: ReadonlyMap<string, ServedHost>;
  /** Whether the kubelet of the host runs and reaches the API. */
  works(host: string): boolean;
  /** Calls `handler` with a host when its kubelet may have something to do. */
  onChange(handler: (host: string) => void): void;
}
