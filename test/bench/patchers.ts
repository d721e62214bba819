/** Three clients that send the same PATCH of a status: each stringifies what it sends and parses what comes back. */
import { CustomObjectsApi, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { Pool } from 'undici';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { client } from '../../src/kube/client.ts';
import { objectPath } from '../../src/meta/resource.ts';
import { kubeconfigFor } from '../../src/net/kubeconfig.ts';
import { undiciControlPlane } from '../../src/net/undici-control-plane.ts';
import { pinoLog } from '../../src/system/log.ts';
import { systemRuntime } from '../../src/system/runtime.ts';

export interface Place {
  readonly url: string;
  /** PEM text. */
  readonly ca: string;
}

export interface Patcher {
  /** Sends one PATCH. @returns the version that the answer carries. */
  patch(index: number): Promise<string>;
  close(): Promise<void>;
}

const token = 'a-token-of-the-usual-length-0123456789abcdef0123456789abcdef';
const ref = { namespace: 'default', name: 'vm-1' };

function statusPatch(index: number): object {
  const condition = {
    type: 'Ready',
    status: 'True',
    observedGeneration: index,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason: 'AsExpected',
    message: 'it is as its spec wants it to be',
  };
  return { metadata: { resourceVersion: '123456' }, status: { phase: 'Running', observedGeneration: index, conditions: [condition] } };
}

/** undici alone: one pool, as many connections as are in flight. */
export function bare({ url, ca }: Place): Patcher {
  const pool = new Pool(url, { connect: { ca, allowH2: false }, pipelining: 1, allowH2: false });
  const path = `${objectPath(VirtualMachine, ref, 'status')}?fieldManager=bench&fieldValidation=Strict`;
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    'content-type': 'application/merge-patch+json',
    'user-agent': 'bench',
  };
  return {
    patch: async (index) => {
      const { statusCode, body } = await pool.request({ path, method: 'PATCH', headers, body: JSON.stringify(statusPatch(index)) });
      if (statusCode !== 200) throw new Error(`HTTP ${String(statusCode)}`);
      const answer = (await body.json()) as VirtualMachine;
      return answer.metadata.resourceVersion;
    },
    close: () => pool.close(),
  };
}

/** Our client over our transport. */
export function ours({ url, ca }: Place): Patcher {
  const transport = undiciControlPlane({ server: url, ca, token });
  const runtime = systemRuntime('bench', new AbortController().signal, pinoLog({ level: 'error' }));
  const kube = client(transport.controlPlane, runtime, { userAgent: 'bench', fieldManager: 'bench' });
  return {
    patch: async (index) => {
      const answer = await kube.patch(VirtualMachine, ref, statusPatch(index), { subresource: 'status' });
      return answer.metadata.resourceVersion;
    },
    close: () => transport.close(),
  };
}

/** @kubernetes/client-node as it comes. */
export function stock({ url, ca }: Place): Patcher {
  const config = new KubeConfig();
  config.loadFromString(kubeconfigFor({ server: url, ca, token, user: 'bench', cluster: 'bench' }));
  const api = config.makeApiClient(CustomObjectsApi);
  const type = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  const { group, version, plural } = VirtualMachine;
  return {
    patch: async (index) => {
      const asked = { ...ref, group, version, plural, fieldManager: 'bench', fieldValidation: 'Strict', body: statusPatch(index) };
      const answer = (await api.patchNamespacedCustomObjectStatus(asked, type)) as VirtualMachine;
      return answer.metadata.resourceVersion;
    },
    close: () => Promise.resolve(),
  };
}
