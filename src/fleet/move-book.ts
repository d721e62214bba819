import type { HostCluster } from '../api/host-cluster.ts';
import type { VirtualMachine } from '../api/virtual-machine.ts';
import type { VirtualMachineMigration } from '../api/virtual-machine-migration.ts';
import { defaultCaps, mayBegin, type Caps, type Mover } from '../domain/move-queue.ts';
import { isOver, isUnderWay } from '../domain/moving.ts';
import type { Cache } from '../kube/types.ts';
import { keyOf } from '../meta/objects.ts';

export interface MoveSources {
  readonly vms: Cache<VirtualMachine>;
  readonly clusters: Cache<HostCluster>;
  readonly migrations: Cache<VirtualMachineMigration>;
}

/** Which moves are under way, from where to where, and which wait for their turn. What was decided a moment ago counts at once. */
export class MoveBook {
  readonly #sources: MoveSources;
  readonly #seen = new Map<string, Mover>();
  readonly #assumed = new Map<string, Mover>();
  readonly #waiting = new Map<string, Mover>();
  readonly #freed = new Set<() => void>();
  readonly #caps: Caps;

  constructor(sources: MoveSources) {
    this.#sources = sources;
    const limits = (cluster: string) => sources.clusters.get({ name: cluster })?.spec.limits?.migrations;
    this.#caps = {
      perHost: (cluster) => limits(cluster)?.perHost ?? defaultCaps.perHost,
      perCluster: (cluster) => limits(cluster)?.perCluster ?? defaultCaps.perCluster,
    };
    for (const migration of sources.migrations.list()) this.#observe(keyOf(migration.metadata), migration);
    sources.migrations.onChange((before, after) => {
      const known = after ?? before;
      if (known !== undefined) this.#observe(keyOf(known.metadata), after);
    });
  }

  /** `freed` is called whenever a slot is free again. */
  onFreed(freed: () => void): void {
    this.#freed.add(freed);
  }

  #observe(key: string, migration: VirtualMachineMigration | undefined): void {
    const mover = migration === undefined || !isUnderWay(migration) ? undefined : this.#moverOf(key, migration);
    if (migration === undefined || isOver(migration)) this.#waiting.delete(key);
    if (mover !== undefined || migration === undefined || isOver(migration)) this.#assumed.delete(key);
    if (mover !== undefined) this.#seen.set(key, mover);
    else if (this.#seen.delete(key)) this.#free();
  }

  #moverOf(key: string, { metadata, spec, status }: VirtualMachineMigration): Mover {
    const vm = this.#sources.vms.get({ namespace: metadata.namespace ?? '', name: spec.virtualMachine });
    const { source = '', target = '' } = status;
    return { key, priority: spec.priority, cluster: vm?.status.hostCluster ?? '', source, target, since: metadata.creationTimestamp };
  }

  #free(): void {
    for (const freed of this.#freed) freed();
  }

  #moving(): Mover[] {
    return [...this.#seen.values(), ...[...this.#assumed.values()].filter(({ key }) => !this.#seen.has(key))];
  }

  /** How full of moves to it a host is: two that come to one host share its link. */
  fullness(nodeName: string, cluster: string): 'None' | 'Some' | 'Full' {
    const coming = this.#moving().filter(({ target }) => target === nodeName).length;
    if (coming >= this.#caps.perHost(cluster)) return 'Full';
    return coming === 0 ? 'None' : 'Some';
  }

  /** Whether `mover` may begin now, before all others that wait. */
  isItsTurn(mover: Mover): boolean {
    const waiting = [...this.#waiting.values()].filter(({ key }) => key !== mover.key);
    return mayBegin([...waiting, mover], this.#moving(), this.#caps).has(mover.key);
  }

  /** Those that wait and may begin now. */
  next(): ReadonlySet<string> {
    return mayBegin([...this.#waiting.values()], this.#moving(), this.#caps);
  }

  wait(mover: Mover): void {
    this.#waiting.set(mover.key, mover);
  }

  waitsNoMore(key: string): void {
    this.#waiting.delete(key);
  }

  /** It has its slots, until the cache tells of its end. */
  begin(mover: Mover): void {
    this.#waiting.delete(mover.key);
    this.#assumed.set(mover.key, mover);
  }

  /** It did not begin after all. */
  withdraw(key: string): void {
    if (this.#assumed.delete(key)) this.#free();
  }
}
