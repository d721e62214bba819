import type { Runtime } from '../../base/runtime.ts';
import { Reflector } from '../../kube/reflector.ts';
import type { Requester } from '../../kube/requester.ts';
import { branch, type Branch } from '../../kube/signals.ts';
import type { Metrics } from '../../kube/types.ts';
import type { KubeObject, ObjectMeta } from '../../meta/objects.ts';
import type { ResourceType } from '../../meta/resource.ts';

/** Told of every object of every monitored kind. */
export interface Observer {
  seen(type: ResourceType, object: KubeObject): void;
  gone(type: ResourceType, uid: string): void;
}

/** One watch for each kind: begun and ended as kinds come and go. */
export interface Monitors {
  /** Follows exactly these kinds from now on. */
  follow(types: readonly ResourceType[]): void;
  /** Whether each kind that is followed has been taken in whole. */
  synced(): boolean;
}

export interface MonitorsContext {
  readonly requester: Requester;
  readonly runtime: Runtime;
  readonly metrics?: Metrics;
}

export function monitors(context: MonitorsContext, observer: Observer): Monitors {
  const running = new Map<string, Monitor>();
  return {
    follow(types) {
      const wanted = new Map(types.map((type) => [`${type.group}/${type.version}/${type.plural}`, type]));
      for (const [key, monitor] of running) {
        if (wanted.has(key)) continue;
        running.delete(key);
        monitor.stop();
      }
      for (const [key, type] of wanted) if (!running.has(key)) running.set(key, monitor(context, type, observer));
    },
    synced: () => [...running.values()].every((monitor) => monitor.synced()),
  };
}

interface Monitor {
  synced(): boolean;
  /** Ends it, and says of all that it saw that it is gone. */
  stop(): void;
}

function monitor(context: MonitorsContext, type: ResourceType, observer: Observer): Monitor {
  const { runtime, requester, metrics } = context;
  const life: Branch = branch(runtime.stopping);
  const known = new Set<string>();
  let synced = false;
  const seen = (object: KubeObject): void => {
    known.add(object.metadata.uid);
    observer.seen(type, object);
  };
  const gone = (uid: string): void => {
    if (known.delete(uid)) observer.gone(type, uid);
  };
  const reflector = new Reflector<KubeObject>(
    { requester, runtime, stop: life.signal, ...(metrics === undefined ? {} : { metrics }) },
    type,
    {},
    {
      keep: bare,
      changed: seen,
      deleted: (object) => {
        gone(object.metadata.uid);
      },
      replace(objects) {
        const there = new Set(objects.map((object) => object.metadata.uid));
        for (const uid of [...known]) if (!there.has(uid)) gone(uid);
        for (const object of objects) seen(object);
        synced = true;
      },
    },
  );
  void reflector.run();
  return {
    synced: () => synced,
    stop() {
      life.abort();
      life.release();
      for (const uid of [...known]) gone(uid);
    },
  };
}

/** Without labels, annotations and the like, which may be large and mean nothing here. */
function bare({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, finalizers, ownerReferences } = metadata;
  const kept: ObjectMeta = { name, uid, resourceVersion, creationTimestamp };
  if (namespace !== undefined) kept.namespace = namespace;
  if (deletionTimestamp !== undefined) kept.deletionTimestamp = deletionTimestamp;
  if (finalizers !== undefined) kept.finalizers = finalizers;
  if (ownerReferences !== undefined) kept.ownerReferences = ownerReferences;
  return { apiVersion, kind, metadata: kept };
}
