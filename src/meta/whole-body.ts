/**
 * A body that is there in one piece. Who passes answers on within a process may pass it on as it is, and who reads it may look at its bytes;
 * for all others it is a body like any other.
 */
export class WholeBody implements AsyncIterable<Uint8Array> {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    if (this.bytes.byteLength > 0) yield this.bytes;
  }
}
