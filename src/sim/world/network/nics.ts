import type { SimulatedHost, SimulatedNic } from '../../../ports/world.ts';

/** The largest frame without its header that an interface can be set to. */
export const largestNicMtu = 9216;

/** Where the agent reaches the API, unless the host says otherwise. */
export const usualManagement = 'eth0';

const usualNics: readonly SimulatedNic[] = [{ name: usualManagement }, { name: 'eth1' }, { name: 'eth2' }];

/** The interfaces of a host that reach the physical network. */
export function nicsOf({ nics = usualNics }: Pick<SimulatedHost, 'nics'>): readonly SimulatedNic[] {
  return nics;
}
