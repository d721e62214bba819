import { create, patch, quietly } from '../scenario.ts';
import type { RequestStep, Step } from '../scenario.ts';

export const podCollection = '/api/v1/namespaces/{id}/pods';
export const podPath = `${podCollection}/a`;

/** A Pod as small as can be. It takes no token, which only a real server would mount. */
export function pod({ metadata, ...spec }: { readonly metadata?: object; readonly [field: string]: unknown } = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', ...metadata },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'example.com/none:1' }], ...spec },
  };
}

/** The Pod, and before it the account that each Pod needs; later steps know its `{rv}` and `{uid}`. */
export function madePod(more: Parameters<typeof pod>[0] = {}): Step[] {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  return [
    quietly(create('/api/v1/namespaces/{id}/serviceaccounts', account)),
    quietly(create(podCollection, pod(more), { capture: { rv: '/metadata/resourceVersion', uid: '/metadata/uid' } })),
  ];
}

export function inPhase(phase: string): RequestStep {
  return quietly(patch('merge', `${podPath}/status`, { status: { phase } }));
}
