/** Claims that no port has any more rest, and go when they have rested. */
import type { AddressClaim } from '../../api/address-claim.ts';
import { SwitchPort } from '../../api/switch-port.ts';
import { parseDuration, parseTime, rfc3339 } from '../../base/time.ts';
import type { PortFate, PortScope } from '../../domain/port-fate.ts';
import type { Result } from '../../kube/types.ts';
import { keyOf, type ObjectRef } from '../../meta/objects.ts';
import { Claims } from './claims.ts';
import type { SwitchPortDependencies } from './dependencies.ts';

/** How long a freed address rests where no group says so, milliseconds. */
const restMs = 600_000;

export class Tidying {
  readonly #dependencies: SwitchPortDependencies;
  readonly #claims: Claims;

  constructor(dependencies: SwitchPortDependencies) {
    this.#dependencies = dependencies;
    this.#claims = new Claims({ client: dependencies.client, claims: dependencies.sources.networks.claims });
  }

  /** @returns when the next one has rested. */
  async tidy(ref: ObjectRef, scope: PortScope, fate: PortFate): Promise<Result> {
    const { sources, clock } = this.#dependencies;
    const port = fate.do === 'nothing' ? undefined : scope.port;
    const others = sources.networks.claims
      .byIndex('byPort', keyOf(ref))
      .filter((claim) => claim.spec.freedAt !== undefined || !isIts(claim, port));
    const lost = others.filter(({ spec }) => spec.freedAt === undefined);
    if (lost.length > 0) await this.#freeLost(ref, lost);
    // An instance that has it still may be one that was made while its port was given up.
    const isUsed = scope.instances.some(({ spec }) => spec.networks?.some((nic) => nic.port === ref.name) === true);
    let again = Infinity;
    for (const claim of others) {
      const freedAt = parseTime(claim.spec.freedAt);
      // A port that is going has it until it is gone, which will be heard.
      if (freedAt === undefined || isIts(claim, scope.port)) continue;
      const left = Math.max(freedAt + this.#restOf(claim) - clock.now(), isUsed ? restMs : 0);
      if (left <= 0) await this.#claims.remove(claim);
      else again = Math.min(again, left);
    }
    return again === Infinity ? undefined : { requeueAfter: again };
  }

  /** The cache may show a claim before its port, or a port as it was: whose it is, the server knows. */
  async #freeLost(ref: ObjectRef, lost: readonly AddressClaim[]): Promise<void> {
    const { client, clock } = this.#dependencies;
    const port = await client.get(SwitchPort, ref);
    await this.#claims.free(
      lost.filter((claim) => !isIts(claim, port)),
      rfc3339(clock.now()),
    );
  }

  #restOf({ spec }: AddressClaim): number {
    const said = this.#dependencies.sources.networks.groups.get({ name: spec.portGroup })?.spec.addresses?.rest;
    return said === undefined ? restMs : parseDuration(said);
  }
}

/** Whether the port has what is claimed, or may yet: who claimed for it what another was faster with is left with a claim too many. */
function isIts({ spec }: AddressClaim, port: SwitchPort | undefined): boolean {
  if (port?.metadata.uid !== spec.port.uid) return false;
  const { macAddress, addresses } = port.spec;
  if (spec.macAddress !== undefined) return macAddress === undefined || macAddress === spec.macAddress;
  return addresses === undefined || addresses.includes(spec.address ?? '');
}
