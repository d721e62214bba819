/** Who has which MAC and address: by the creation of AddressClaims, which nobody can make twice. */
import { AddressClaim, type AddressClaimSpec } from '../../api/address-claim.ts';
import type { SwitchPort } from '../../api/switch-port.ts';
import { candidates, type AddressPool } from '../../domain/address-pool.ts';
import { claimName } from '../../domain/claim-name.ts';
import { macOf } from '../../domain/mac.ts';
import type { Nic } from '../../domain/nic.ts';
import type { Cache, Client } from '../../kube/types.ts';
import { unlessGone } from '../../kube/unless-gone.ts';
import { keyOf } from '../../meta/objects.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { isApiError } from '../../meta/status.ts';

export interface ClaimsContext {
  readonly client: Client;
  /** With the index `byPort`. */
  readonly claims: Cache<AddressClaim>;
}

/** So many MACs are tried: that all are taken by chance does not happen. */
const macAttempts = 64;
/** So many addresses are tried that the cache takes for free and the server does not, before it is left to another look. */
const surprises = 64;

export function nicOf({ metadata, spec }: SwitchPort): Nic {
  return { switch: spec.switch, namespace: metadata.namespace ?? '', virtualMachine: spec.virtualMachine, network: spec.network };
}

export class Claims {
  readonly #client: Client;
  readonly #claims: Cache<AddressClaim>;

  constructor({ client, claims }: ClaimsContext) {
    this.#client = client;
    this.#claims = claims;
  }

  /** A MAC that is the port's own: the one that its name had, else the first that is free. Undefined: none could be had. */
  async mac(port: SwitchPort): Promise<string | undefined> {
    const before = this.#hadBefore(port).flatMap(({ spec }) => spec.macAddress ?? []);
    for (const mac of before) if (await this.claim(port, { macAddress: mac })) return mac;
    for (let attempt = 0; attempt < macAttempts; attempt++) {
      const mac = macOf(nicOf(port), attempt);
      if (!this.#isTaken(port, mac) && (await this.claim(port, { macAddress: mac }))) return mac;
    }
    return undefined;
  }

  /** An address of `pool` that is the port's own, as `mac`. */
  async address(port: SwitchPort, pool: AddressPool, isOfPool: (address: string) => boolean): Promise<string | undefined> {
    const before = this.#hadBefore(port).flatMap(({ spec }) => spec.address ?? []);
    for (const address of before.filter(isOfPool)) if (await this.claim(port, { address })) return address;
    let refused = 0;
    for (const address of candidates(pool, nicOf(port))) {
      if (this.#isTaken(port, address)) continue;
      if (await this.claim(port, { address })) return address;
      if (++refused >= surprises) return undefined;
    }
    return undefined;
  }

  /** The claims of ports of its name, on its switch; those that are not freed first. */
  #hadBefore(port: SwitchPort): AddressClaim[] {
    const mine = this.#claims.byIndex('byPort', keyOf(port.metadata)).filter(({ spec }) => spec.switch === port.spec.switch);
    return mine.sort(
      (a, b) => Number(a.spec.freedAt !== undefined) - Number(b.spec.freedAt !== undefined) || (a.metadata.name < b.metadata.name ? -1 : 1),
    );
  }

  #isTaken(port: SwitchPort, what: string): boolean {
    const claim = this.#claims.get({ name: claimName(port.spec.switch, what) });
    return claim !== undefined && !isOfName(claim, port);
  }

  /** Makes `what` the port's own. False: somebody else has it. */
  async claim(port: SwitchPort, what: Pick<AddressClaimSpec, 'macAddress' | 'address'>): Promise<boolean> {
    const { namespace = '', name: portName, uid } = port.metadata;
    const name = claimName(port.spec.switch, what.macAddress ?? what.address ?? '');
    const spec = { switch: port.spec.switch, portGroup: port.spec.portGroup, ...what, port: { namespace, name: portName, uid } };
    try {
      await this.#client.create(AddressClaim, {
        apiVersion: apiVersionOf(AddressClaim),
        kind: AddressClaim.kind,
        metadata: { name },
        spec,
      });
      return true;
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
    // The cache may be old: whose it is, the server knows.
    const found = await this.#client.get(AddressClaim, { name });
    return found !== undefined && isOfName(found, port) && this.#takeBack(found, port);
  }

  /** @throws ApiError Conflict, NotFound when it has changed meanwhile: another look will tell. */
  async #takeBack({ metadata, spec }: AddressClaim, port: SwitchPort): Promise<boolean> {
    if (spec.freedAt === undefined && spec.port.uid === port.metadata.uid) return true;
    const { resourceVersion, uid } = metadata;
    const mine = { portGroup: port.spec.portGroup, freedAt: null, port: { uid: port.metadata.uid } };
    await this.#client.patch(AddressClaim, metadata, { metadata: { resourceVersion, uid }, spec: mine });
    return true;
  }

  /** They rest from now on. @param at RFC 3339. */
  async free(claims: readonly AddressClaim[], at: string): Promise<void> {
    for (const { metadata, spec } of claims) {
      if (spec.freedAt !== undefined) continue;
      const { resourceVersion, uid } = metadata;
      await unlessGone(this.#client.patch(AddressClaim, metadata, { metadata: { resourceVersion, uid }, spec: { freedAt: at } }));
    }
  }

  /** It may be given to others. On condition that nobody has taken it back. */
  async remove({ metadata: { name, uid, resourceVersion } }: AddressClaim): Promise<void> {
    await unlessGone(this.#client.delete(AddressClaim, { name }, { preconditions: { uid, resourceVersion } }));
  }
}

function isOfName({ spec }: AddressClaim, { metadata }: SwitchPort): boolean {
  return spec.port.name === metadata.name && spec.port.namespace === metadata.namespace;
}
