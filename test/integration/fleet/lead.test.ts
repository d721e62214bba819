import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { operatorManager } from '../../../src/api/common.ts';
import { control, sourcesOf, type OperatorSources } from '../../../src/controllers/operator.ts';
import { caches } from '../../../src/kube/caches.ts';
import { client } from '../../../src/kube/client.ts';
import type { Cache } from '../../../src/kube/types.ts';
import type { KubeObject } from '../../../src/meta/objects.ts';
import { startFleet } from './fleet.ts';

/** The same caches; `count` knows how many listen to them. */
function counted(sources: OperatorSources): { readonly sources: OperatorSources; count(): number } {
  let listeners = 0;
  const of = <T extends KubeObject>(cache: Cache<T>): Cache<T> => ({
    ...cache,
    onChange: (handler) => {
      const stop = cache.onChange(handler);
      listeners++;
      return () => {
        listeners--;
        stop();
      };
    },
  });
  const { vms, instances, pairs, clusters, hosts, profiles, nodes, leases, migrations, guards, networks } = sources;
  return {
    sources: {
      vms: of(vms),
      instances: of(instances),
      pairs: of(pairs),
      clusters: of(clusters),
      hosts: of(hosts),
      profiles: of(profiles),
      nodes: of(nodes),
      leases: of(leases),
      migrations: of(migrations),
      guards: of(guards),
      networks: {
        switches: of(networks.switches),
        groups: of(networks.groups),
        ports: of(networks.ports),
        claims: of(networks.claims),
        namespaces: of(networks.namespaces),
        usages: of(networks.usages),
      },
    },
    count: () => listeners,
  };
}

describe('a lead that ends', () => {
  test('leaves nothing of its controllers on the caches, however often it comes and goes', async () => {
    const fleet = await startFleet(1);
    const runtime = fleet.runtime('other');
    const options = { userAgent: 'test', fieldManager: operatorManager };
    const watched = caches(fleet.controlPlane, runtime, options);
    const { sources, count } = counted(sourcesOf(watched));
    for (let lead = 0; lead < 3; lead++) {
      const stopping = new AbortController();
      const led = { ...runtime, stopping: stopping.signal };
      const reign = control({
        client: client(fleet.controlPlane, led, options),
        runtime: led,
        identity: 'other',
        caches: watched,
        sources,
      });
      await fleet.clock.advance(1_000);
      assert.ok(count() > 10, String(count()));
      stopping.abort();
      await fleet.during(reign);
      assert.equal(count(), 0);
    }
    await fleet.stop();
  });
});
