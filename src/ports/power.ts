/** A controller in a host's rack, on a network of its own, that switches the host's power whatever runs on it. */
export interface Bmc {
  readonly protocol: 'IPMI' | 'Redfish';
  /** A name or an IP address. */
  readonly address: string;
  readonly port: number;
}

export type PowerState = 'On' | 'Off';

/** The power of hosts, through their BMCs. */
export interface Power {
  /** @throws {PortError} Unreachable (the BMC does not answer), Failed (it does, and cannot say). */
  state(bmc: Bmc): Promise<PowerState>;
  /**
   * Settles once the BMC confirms that it is so. Off: nothing that ran on the host before goes on, and it stays off until somebody switches it on.
   * On: it boots. May be repeated.
   * @throws {PortError} Unreachable, Failed: nobody knows whether it was done.
   */
  set(bmc: Bmc, to: PowerState): Promise<void>;
}
