/** Makes ports, gives them what they are to have, and frees it again. Each act may be repeated. */
import { operatorManager } from '../../api/common.ts';
import type { PortGroup } from '../../api/port-group.ts';
import { SwitchPort, switchPortFinalizer } from '../../api/switch-port.ts';
import { equal } from '../../base/equal.ts';
import { rfc3339 } from '../../base/time.ts';
import { capacityOf, isOfPool, poolOf, type AddressPool } from '../../domain/address-pool.ts';
import { claimName } from '../../domain/claim-name.ts';
import type { PortFate, PortScope } from '../../domain/port-fate.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { findCondition } from '../../meta/conditions.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';
import { Claims } from './claims.ts';
import type { SwitchPortDependencies } from './dependencies.ts';
import { statusOf, type PortView } from './status.ts';

export class Hands {
  readonly #dependencies: SwitchPortDependencies;
  readonly #claims: Claims;
  /** Claims that were made for ports (by uid) and that the cache may not show yet. */
  readonly #confirmed = new Map<string, string>();

  constructor(dependencies: SwitchPortDependencies) {
    this.#dependencies = dependencies;
    this.#claims = new Claims({ client: dependencies.client, claims: dependencies.sources.networks.claims });
  }

  /** False: it wants what there is none of. */
  async carryOut(ref: ObjectRef, fate: PortFate, scope: PortScope): Promise<boolean> {
    const { client } = this.#dependencies;
    switch (fate.do) {
      case 'nothing':
        return true;
      case 'make':
        return this.#make(ref, fate, scope);
      case 'giveUp': {
        const { uid } = fate.port.metadata;
        await unlessGone(client.delete(SwitchPort, ref, { preconditions: { uid } }));
        return true;
      }
      case 'free':
        await this.#free(fate.port);
        return true;
      case 'keep':
        return this.#keep(fate, scope);
    }
  }

  async #make(ref: ObjectRef, { network, group }: PortFate & { readonly do: 'make' }, scope: PortScope): Promise<boolean> {
    const { client, book } = this.#dependencies;
    const key = keyOf(ref);
    book.assume(key, group.metadata.name);
    const spec = { virtualMachine: scope.vm?.metadata.name ?? '', network, switch: group.spec.switch, portGroup: group.metadata.name };
    try {
      const port = await client.apply(
        SwitchPort,
        ref,
        { metadata: { finalizers: [switchPortFinalizer] }, spec },
        { fieldManager: operatorManager },
      );
      return await this.#keep({ do: 'keep', port, group, isUsed: false }, scope);
    } catch (error) {
      book.forget(key);
      throw error;
    }
  }

  async #keep({ port, group, isUsed }: PortFate & { readonly do: 'keep' }, scope: PortScope): Promise<boolean> {
    const trouble = await this.#identify(port, group, isUsed);
    if (trouble === 'changed') return true;
    const { clock } = this.#dependencies;
    // It is bound in an instant, and says so then.
    if (trouble === undefined && port.status.observedGeneration === -1 && isAboutToRun(scope)) return true;
    const counted = this.#counted(port, scope);
    await this.#say({ port, vm: scope.vm, counted, now: clock.now(), ...(trouble === undefined ? {} : { trouble }) });
    return trouble === undefined;
  }

  /** `changed`: it was given something, and will be looked at again. */
  async #identify(port: SwitchPort, group: PortGroup | undefined, isUsed: boolean): Promise<PortView['trouble'] | 'changed'> {
    const { macAddress, addresses } = port.spec;
    const spec = group?.spec.addresses;
    const pool = spec === undefined ? undefined : poolOf(spec);
    const lacks = addresses === undefined || (addresses.length === 0 && pool !== undefined && !isUsed);
    if (macAddress !== undefined && !lacks) return this.#confirm(port);
    if (group === undefined) return { reason: 'PortGroupNotFound', message: `there is no PortGroup ${port.spec.portGroup}` };
    return this.#assign(port, group, pool);
  }

  async #assign(port: SwitchPort, group: PortGroup, pool: AddressPool | undefined): Promise<PortView['trouble'] | 'changed'> {
    const mac = port.spec.macAddress ?? (await this.#claims.mac(port));
    if (mac === undefined) return { reason: 'AddressTaken', message: 'no MAC that is derived from it is free' };
    const address = pool === undefined ? undefined : await this.#claims.address(port, pool, (one) => isOfPool(pool, one));
    if (pool !== undefined && address === undefined) return this.#exhausted(group, capacityOf(pool));
    const { resourceVersion, uid } = port.metadata;
    const given = address === undefined ? [] : [address];
    for (const what of [mac, ...given]) this.#confirmed.set(claimName(port.spec.switch, what), uid);
    await unlessGone(
      this.#dependencies.client.patch(SwitchPort, port.metadata, {
        metadata: { resourceVersion, uid },
        spec: { macAddress: mac, addresses: given },
      }),
    );
    return 'changed';
  }

  #exhausted({ metadata, spec }: PortGroup, capacity: number): PortView['trouble'] {
    const mine = this.#dependencies.sources.networks.claims
      .byIndex('byGroup', metadata.name)
      .filter((claim) => claim.spec.address !== undefined);
    const resting = mine.filter((claim) => claim.spec.freedAt !== undefined).length;
    const figures = `${String(capacity)} in ${spec.addresses?.pool ?? ''}, of which ${String(resting)} rest`;
    return { reason: 'AddressesExhausted', message: `PortGroup ${metadata.name} has no free address: all are taken (${figures})` };
  }

  /** What it has is claimed by it still; what somebody removed is claimed anew. */
  async #confirm(port: SwitchPort): Promise<PortView['trouble']> {
    const { macAddress, addresses = [], switch: of } = port.spec;
    for (const what of [...(macAddress === undefined ? [] : [macAddress]), ...addresses]) {
      const name = claimName(of, what);
      const claim = this.#dependencies.sources.networks.claims.get({ name });
      if (claim !== undefined) this.#confirmed.delete(name);
      const isMine = claim?.spec.port.uid === port.metadata.uid && claim.spec.freedAt === undefined;
      if (isMine || this.#confirmed.get(name) === port.metadata.uid) continue;
      if (!(await this.#claims.claim(port, what === macAddress ? { macAddress: what } : { address: what })))
        return { reason: 'AddressTaken', message: `${what} was claimed by another port, since AddressClaim ${name} was removed` };
      this.#confirmed.set(name, port.metadata.uid);
    }
    return undefined;
  }

  /** What it had counted when a life of its VM ended; of a host that is lost, its last report. */
  #counted({ metadata, status }: SwitchPort, { vm }: PortScope): PortView['counted'] {
    const { book, sources } = this.#dependencies;
    const key = keyOf(metadata);
    const host = sources.hosts.get({ name: status.nodeName ?? '' });
    const isLost = host !== undefined && findCondition(host.status.conditions, 'Ready')?.status === 'Unknown';
    // A guest that moves takes its counters along: nobody but its hosts knows them, who report now and then.
    const hasMoved = status.nodeName !== undefined && vm?.status.nodeName !== undefined && vm.status.nodeName !== status.nodeName;
    return isLost || hasMoved ? book.counters(key) : book.final(key);
  }

  async #say(view: PortView): Promise<void> {
    const { port } = view;
    const status = statusOf(view);
    if (equal(port.status, status)) return;
    const { resourceVersion, uid } = port.metadata;
    const gone = Object.fromEntries(Object.keys(port.status).flatMap((field) => (field in status ? [] : [[field, null]])));
    const patch = { metadata: { resourceVersion, uid }, status: { ...gone, ...status } };
    await unlessGone(this.#dependencies.client.patch(SwitchPort, port.metadata, patch, { subresource: 'status' }));
  }

  async #free(port: SwitchPort): Promise<void> {
    const { client, clock, sources } = this.#dependencies;
    const { metadata } = port;
    const mine = sources.networks.claims.byIndex('byPort', keyOf(metadata)).filter((claim) => claim.spec.port.uid === metadata.uid);
    await this.#claims.free(mine, rfc3339(clock.now()));
    const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== switchPortFinalizer);
    if (finalizers.length === (metadata.finalizers ?? []).length) return;
    const { uid, resourceVersion } = metadata;
    await unlessGone(client.patch(SwitchPort, metadata, { metadata: { uid, resourceVersion, finalizers } }));
  }
}

function isAboutToRun({ vm }: PortScope): boolean {
  return vm?.spec.powerState === 'PoweredOn' && vm.status.instance === undefined;
}
