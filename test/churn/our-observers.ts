/** Our caches over our transport. */
import type { Runtime } from '../../src/base/runtime.ts';
import { caches } from '../../src/kube/caches.ts';
import { metrics } from '../../src/kube/metrics.ts';
import type { Cache } from '../../src/kube/types.ts';
import { keyOf, type KubeObject } from '../../src/meta/objects.ts';
import { undiciControlPlane } from '../../src/net/undici-control-plane.ts';
import { ledger, type Ledger } from './ledger.ts';
import { nameOf, type Observers, type Patience, type Place } from './observer.ts';
import { watched } from './subjects.ts';

export function ourObservers({ url, ca, token }: Place, runtime: Runtime, patience: Patience | undefined): Observers {
  const transport = undiciControlPlane({ server: url, ca, token, ...(patience === undefined ? {} : { connectTimeout: patience.answer }) });
  const counted = metrics();
  const times = patience === undefined ? {} : { silence: patience.silence, timeout: patience.answer };
  const made = caches(transport.controlPlane, runtime, { userAgent: 'churn', metrics: counted, ...times });
  const label = patience === undefined ? 'ours by default' : 'ours';
  const all = watched.map((one) => {
    const cache = made.cache(one.kind, one.selection);
    const book = ledger();
    heed(cache, book);
    return { name: `${label}: ${nameOf(one)}`, watched: one, ledger: book, objects: () => cache.list() };
  });
  return {
    all,
    story: () => counted.print().replaceAll(/^#.*\n/gm, ''),
    stop: async () => {
      made.stop();
      await transport.close();
    },
  };
}

function heed(cache: Cache<KubeObject>, book: Ledger): void {
  cache.onChange((before, after) => {
    const known = before ?? after;
    if (known === undefined) {
      book.wrong.push('a change of nothing');
      return;
    }
    if (before !== book.there.get(keyOf(known.metadata))) book.wrong.push(`${keyOf(known.metadata)} was not what it is said to have been`);
    if (after === undefined) book.deleted(known);
    else if (before === undefined) book.added(after);
    else book.changed(after);
  });
}
