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
  testAndSet(vm: VmKey, from: Holder | undefined, to: Holder | undefined): Promise<ArbiterAnswer>;
  /**
   * As `testAndSet` from `from` to `to.holder`, which will run on the host `to.host`: from now on it counts as taken through that host, where a
   * debt would have to be settled. Repeating it is a win too.
   * @throws {PortError} Unreachable: nobody knows what became of it, until `confirm` has answered.
   */
  handOver(vm: VmKey, from: Holder, to: { readonly holder: Holder; readonly host: string }): Promise<ArbiterAnswer>;
  /**
   * Writes again that `holder` holds it, if it does; its heir stays. Once this was won, whatever was asked of the arbiter before, and is still on its way, fails:
   * so `holder` may go on. Never takes what is free.
   * @throws {PortError} Unreachable.
   */
  confirm(vm: VmKey, holder: Holder): Promise<ArbiterAnswer>;
  /**
   * Says who alone may succeed `holder`, if `holder` holds it; undefined: nobody. Once this was won, whatever older succession is still on its way
   * fails. Durable before it settles; repeating is a win. Whenever the holder changes, the new one has no heir.
   * @throws {PortError} Unreachable: nobody knows.
   */
  appoint(vm: VmKey, holder: Holder, heir: Holder | undefined): Promise<ArbiterAnswer>;
  /**
   * Makes `heir` the holder, if it was appointed: from now on it counts as taken through `host`. What it holds already is a win.
   * @throws {PortError} Unreachable: nobody knows.
   */
  succeed(vm: VmKey, heir: Holder, host: string): Promise<ArbiterAnswer>;
  /** @throws {PortError} Unreachable. */
  holder(vm: VmKey): Promise<Holder | undefined>;
}

export interface ArbiterAnswer {
  /** It is as was asked for. */
  readonly won: boolean;
  /** Who holds it now. */
  readonly holder: Holder | undefined;
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
