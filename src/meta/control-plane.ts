/** One HTTP request to a Kubernetes API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  /** The path as on the wire: percent-encoded, without the query. */
  readonly path: string;
  /** The query in order; a name may stand more than once. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end, or returned from early (which cancels the rest). Chunks need not be whole lines. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Anything that answers as a Kubernetes API server does: a socket, the embedded server's own handler, or either wrapped with faults.
 * Rejects only when no answer came (`ConnectionLost`, or `Stopped` when `signal` was aborted); every HTTP status is an answer.
 * A watch's body ends when the server ends it, and throws `ConnectionLost` when the connection breaks.
 */
export type ControlPlane = (request: ApiRequest, signal: AbortSignal) => Promise<ApiResponse>;

/** The request may or may not have been carried out. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
}
