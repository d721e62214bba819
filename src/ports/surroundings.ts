/** What a host finds out by itself about what is around it: without the API, which may be gone alone. */
export interface Surroundings {
  /** @param addresses those of which one at least answers as long as the host is not cut off. */
  look(addresses: readonly string[]): Promise<Sight>;
  /** Says that it may be worth to look again. Ends with `signal`. */
  changes(signal: AbortSignal): AsyncIterable<'Changed'>;
}

export interface Sight {
  /** Another host's agent is heard. */
  readonly hearsPeers: boolean;
  /** One of the addresses answers. */
  readonly isAnswered: boolean;
  /** Datastores that are attached, and that the host does not reach. */
  readonly lostDatastores: readonly string[];
}
