/** What is to be heard of a host without the API: agents beat each second, to the operator, to each other, and on shared datastores. */
export interface Signs {
  /** Since its agent was heard here, milliseconds; of one that was never heard, since listening began. */
  readonly silentMs: number;
  /** It was heard at all: who has just begun to listen knows nothing of anybody. */
  readonly wasHeard: boolean;
  /** Another agent, one that is heard here, hears it. */
  readonly byPeers: boolean;
  /** The machine answers on the network, whatever became of its agent. */
  readonly pings: boolean;
  /** What those who are heard here read on a shared datastore; absent: it never beat on one, or nobody who could tell is heard. */
  readonly storage?: {
    readonly silentMs: number;
    /** It says there that it hears other agents. */
    readonly hearsPeers: boolean;
    /** It says there that no guest runs on it. */
    readonly isIdle: boolean;
  };
}
