/** A finalizer of ours on what others need, so that a delete waits for them. */
import { operatorManager } from '../api/common.ts';
import type { Client } from '../kube/types.ts';
import { unlessGone } from '../kube/unless-gone.ts';
import type { KubeObject } from '../meta/objects.ts';
import type { Kind } from '../meta/resource.ts';

export interface Keeping<T extends KubeObject> {
  readonly client: Client;
  readonly kind: Kind<T>;
  readonly finalizer: string;
  /** Whether the server knows of anything that needs `name`: asked before it is let go. */
  isNeeded(name: string): Promise<boolean>;
}

/** Puts it on while `isUsed`, and takes it off when nothing needs the object any more. */
export async function keepOrLetGo<T extends KubeObject>(keeping: Keeping<T>, object: T, isUsed: boolean): Promise<void> {
  const { client, kind, finalizer } = keeping;
  const { name, uid, resourceVersion, finalizers = [], deletionTimestamp } = object.metadata;
  const isKept = finalizers.includes(finalizer);
  if (isUsed && !isKept && deletionTimestamp === undefined) {
    const mine = { metadata: { uid, finalizers: [finalizer] } };
    await unlessGone(client.apply(kind, { name }, mine, { fieldManager: operatorManager }));
  }
  if (isUsed || !isKept || (await keeping.isNeeded(name))) return;
  // Not by apply: a person who applied what `kubectl get` showed owns the finalizer too, and it would stay for ever.
  const others = finalizers.filter((one) => one !== finalizer);
  await unlessGone(client.patch(kind, { name }, { metadata: { uid, resourceVersion, finalizers: others } }));
}
