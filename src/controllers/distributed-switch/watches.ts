import type { Host } from '../../api/host.ts';
import { equal } from '../../base/equal.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import type { DistributedSwitchDependencies } from './dependencies.ts';

/** What makes a switch worth another look: itself, its hosts, its groups, and how many ports they have. */
export function watchSources({ hosts, nodes, networks }: DistributedSwitchDependencies, enqueue: (ref: ObjectRef) => void): void {
  const { switches, groups, ports } = networks;
  const all = (): void => {
    for (const { metadata } of switches.list()) enqueue(metadata);
  };
  all();
  switches.onChange((before, after) => {
    if (before?.metadata.generation === after?.metadata.generation && after !== undefined) enqueue(after.metadata);
    else all();
  });
  groups.onChange((before, after) => {
    if (before?.metadata.generation !== after?.metadata.generation) enqueue({ name: (after ?? before)?.spec.switch ?? '' });
  });
  ports.onChange((before, after) => {
    if ((before === undefined) !== (after === undefined)) enqueue({ name: (after ?? before)?.spec.switch ?? '' });
  });
  nodes.onChange((before, after) => {
    if (!equal(before?.metadata.labels, after?.metadata.labels)) all();
  });
  hosts.onChange((before, after) => {
    if (!equal(concernOf(before), concernOf(after))) all();
  });
}

function concernOf(host: Host | undefined): unknown {
  return host === undefined ? undefined : [host.spec.answers ?? {}, host.status.switches ?? []];
}
