import { badRequest } from '../errors.ts';

/** One field as it stands on the wire. */
export type WireValue = { readonly kind: 'varint'; readonly value: bigint } | { readonly kind: 'bytes'; readonly value: Uint8Array };

/** Calls `visit` with each field of a protobuf message, in order. @throws {ApiError} 400 when it is torn or uses group or fixed-size fields. */
export function readMessage(bytes: Uint8Array, visit: (field: number, value: WireValue) => void): void {
  const reader = new Reader(bytes);
  while (!reader.done()) {
    const tag = Number(reader.varint());
    const wire = tag & 7;
    if (wire === 0) visit(tag >>> 3, { kind: 'varint', value: reader.varint() });
    else if (wire === 2) visit(tag >>> 3, { kind: 'bytes', value: reader.bytes(Number(reader.varint())) });
    else throw torn(`wire type ${String(wire)}`);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw torn('unexpected end');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw torn('a number of more than 10 bytes');
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw torn('unexpected end');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}

function torn(why: string): Error {
  return badRequest(`the body of the request is not a protobuf message: ${why}`);
}
