import type { Runtime } from '../base/runtime.ts';
import { client } from '../kube/client.ts';
import { requester, type Requester, type RequesterOptions } from '../kube/requester.ts';
import type { Client, Metrics } from '../kube/types.ts';
import type { ControlPlane } from '../meta/control-plane.ts';
import { metadataOnly } from './metadata-only.ts';

/** What all parts of gc work with. */
export interface GcContext {
  readonly runtime: Runtime;
  readonly client: Client;
  readonly requester: Requester;
  /** As the other two, for metadata only; reads discovery in its aggregated form. */
  readonly bare: { readonly client: Client; readonly requester: Requester };
  readonly metrics?: Metrics;
}

const name = 'hypersphere-gc';

export function gcContext(controlPlane: ControlPlane, runtime: Runtime, metrics?: Metrics): GcContext {
  const options: RequesterOptions = { userAgent: name, ...(metrics === undefined ? {} : { metrics }) };
  const over = (plane: ControlPlane): { client: Client; requester: Requester } => ({
    client: client(plane, runtime, { ...options, fieldManager: name }),
    requester: requester(plane, runtime, options),
  });
  return { runtime, ...over(controlPlane), bare: over(metadataOnly(controlPlane)), ...(metrics === undefined ? {} : { metrics }) };
}
