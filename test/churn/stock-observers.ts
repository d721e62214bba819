/**
 * @kubernetes/client-node's informers as they come, restarted when they stop, as their documentation says. What each watch brings them is held
 * against what they know: a watch from a version on must tell all that happened since, once and in order, whichever client listens.
 */
import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  ListWatch,
  Watch,
  type KubernetesObject,
  type KubernetesListObject,
} from '@kubernetes/client-node';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { HostCluster } from '../../src/api/host-cluster.ts';
import { keyOf, type KubeObject } from '../../src/meta/objects.ts';
import { collectionPath, type Kind } from '../../src/meta/resource.ts';
import { kubeconfigFor } from '../../src/net/kubeconfig.ts';
import { ledger, type Ledger } from './ledger.ts';
import type { Observer, Observers, Patience, Place } from './observer.ts';
import { ConfigMap } from './subjects.ts';

type List = KubernetesListObject<KubernetesObject>;

/** What informers do with an event of a watch. */
type Take = (phase: string, object: KubeObject, event?: unknown) => void;

interface Running {
  readonly observer: Observer;
  stop(): Promise<void>;
  restarts(): number;
}

const asTheyCome: Patience = { silence: 30_000, answer: 30_000, restart: 5_000 };

export function stockObservers(place: Place, patience: Patience = asTheyCome): Observers {
  const config = new KubeConfig();
  config.loadFromString(kubeconfigFor({ server: place.url, ca: place.ca, token: place.token, user: 'churn', cluster: 'churn' }));
  const core = config.makeApiClient(CoreV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  const listing = ({ group, version, plural, namespaced }: Kind<KubeObject>) =>
    (namespaced
      ? custom.listCustomObjectForAllNamespaces({ group, version, resourcePlural: plural })
      : custom.listClusterCustomObject({ group, version, plural })) as Promise<List>;
  const running = [
    run(config, patience, ConfigMap, () => core.listConfigMapForAllNamespaces()),
    run(config, patience, VirtualMachine, () => listing(VirtualMachine)),
    run(config, patience, HostCluster, () => listing(HostCluster)),
  ];
  return {
    all: running.map(({ observer }) => observer),
    story: () => running.map(({ observer, restarts }) => `${observer.name}: ${String(restarts())} restarts`).join('\n'),
    stop: async () => {
      for (const one of running) await one.stop();
    },
  };
}

function run(config: KubeConfig, patience: Patience, kind: Kind<KubeObject>, list: () => Promise<List>): Running {
  const book = ledger();
  const watch = new HeldWatch(config, book);
  Object.assign(watch, { requestTimeoutMs: patience.silence });
  const informer = new ListWatch<KubernetesObject>(collectionPath(kind, undefined), watch, () => inTime(list(), patience.answer), false);
  let timer: NodeJS.Timeout | undefined;
  let restarts = 0;
  let stopped = false;
  informer.on('add', (object) => {
    book.added(asRead(object));
  });
  informer.on('update', (object) => {
    book.changed(asRead(object));
  });
  informer.on('delete', (object) => {
    book.deleted(asRead(object));
  });
  informer.on('error', () => {
    // A stop is told as an error too.
    if (stopped) return;
    restarts++;
    clearTimeout(timer);
    timer = setTimeout(() => void informer.start(), patience.restart);
  });
  void informer.start();
  const observer = {
    name: `stock: ${kind.plural}`,
    watched: { kind, selection: {} },
    ledger: book,
    objects: () => informer.list().map(asRead),
  };
  return {
    observer,
    restarts: () => restarts,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return informer.stop();
    },
  };
}

/** What a server sends has all the metadata that client-node calls optional. */
function asRead(object: KubernetesObject): KubeObject {
  if (object.metadata?.resourceVersion === undefined) throw new Error('an object without a version');
  return object as unknown as KubeObject;
}

async function inTime<T>(asked: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error('no answer in time'));
  }, ms);
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A watch whose events are held against what its informer knows, before that learns of them. */
class HeldWatch extends Watch {
  readonly #book: Ledger;

  constructor(config: KubeConfig, book: Ledger) {
    super(config);
    this.#book = book;
  }

  override watch(
    path: string,
    query: Record<string, string | number | boolean | undefined>,
    take: Take,
    done: (error: unknown) => void,
  ): Promise<AbortController> {
    let last = Number(query['resourceVersion']);
    const held: Take = (phase, object, event) => {
      if (phase === 'ADDED' || phase === 'MODIFIED' || phase === 'DELETED') {
        const problem = problemOf(this.#book, phase, object, last);
        if (problem !== undefined) this.#book.wrong.push(`the server: ${phase} ${keyOf(object.metadata)} ${problem}`);
        last = Number(object.metadata.resourceVersion);
      }
      take(phase, object, event);
    };
    return super.watch(path, query, held, done);
  }
}

function problemOf({ there }: Ledger, phase: string, { metadata }: KubeObject, last: number): string | undefined {
  if (!(Number(metadata.resourceVersion) > last)) return `@${metadata.resourceVersion} after @${String(last)}`;
  const known = there.get(keyOf(metadata));
  if (phase === 'ADDED') return known === undefined ? undefined : 'is there already';
  if (known === undefined) return 'was never told of';
  return known.metadata.uid === metadata.uid ? undefined : 'is of another life';
}
