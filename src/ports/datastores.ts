import type { Arbiter, Holder, VmKey } from './arbiter.ts';

/** A volume by its name in the catalogue of a datastore; the implementation alone makes paths of it. */
export interface VolumeRef {
  readonly datastore: string;
  /** `namespace/vm/disk`. */
  readonly volume: string;
}

export interface DatastoreSpec {
  readonly name: string;
  readonly type: 'SharedDirectory' | 'Local';
  readonly path: string;
}

export interface Volume extends VolumeRef {
  readonly bytes: number;
}

/** A VM whose lease somebody has. */
export interface Hold {
  readonly datastore: string;
  readonly vm: VmKey;
  readonly holder: Holder;
}

/** The places for disks that one host sees. All calls may be repeated. */
export interface Datastores {
  /** Tells the host which datastores there are. What is not named any more is left alone. */
  attach(specs: readonly DatastoreSpec[]): Promise<void>;
  /** Makes the volume if it is absent and grows it if it is smaller; never shrinks, never empties. @throws {PortError} NotFound (the datastore), DiskFull, Unreachable. */
  ensure(ref: VolumeRef, size: number): Promise<void>;
  /** Removes the volume and its data. Absent: fine. @throws {PortError} Unreachable. */
  remove(ref: VolumeRef): Promise<void>;
  /** @throws {PortError} NotFound, Unreachable. */
  list(datastore: string): Promise<readonly Volume[]>;
  /** The leases that were taken through this host and are held still, on the shared datastores that are attached. @throws {PortError} Unreachable. */
  held(): Promise<readonly Hold[]>;
  /** The leases on a shared datastore. @throws {PortError} NotFound. */
  arbiter(datastore: string): Arbiter;
}
