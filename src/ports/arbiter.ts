/**
 * The one word on whether a VM may live. A VM has exactly one, for all its instances: the lease on its shared datastore when all its disks
 * are there, else an object of the API.
 */
export interface Arbiter {
  /**
   * Makes `to` the holder if the holder is `from` (undefined: nobody). One atomic step, durable before it settles. Taking what `to` holds
   * already is a win, so that a repeat after a crash is harmless.
   * @returns whether it was done, and who holds it now.
   * @throws {PortError} Unreachable: nobody knows; nothing may be started.
   */
  testAndSet(
    vm: VmKey,
    from: Holder | undefined,
    to: Holder | undefined,
  ): Promise<{ readonly won: boolean; readonly holder: Holder | undefined }>;
  /** @throws {PortError} Unreachable. */
  holder(vm: VmKey): Promise<Holder | undefined>;
}

/** The VM's uid: a new VM of an old name is another. */
export type VmKey = string;
/** The uid of the instance that may run. */
export type Holder = string;

/** Proof, for `Guests.start`, that the arbiter named this instance. */
export interface StartToken {
  readonly vm: VmKey;
  readonly holder: Holder;
}
