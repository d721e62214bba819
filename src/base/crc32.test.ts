import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from './crc32.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms, and what any zip tool says of the other two.
for (const [text, expected] of [
  ['123456789', 0xcbf43926],
  ['', 0],
  ['a', 0xe8b7be43],
] as const) {
  test(`crc32 of "${text}"`, () => {
    assert.equal(crc32(bytes(text)), expected);
  });
}

test('crc32 of a part is that of the part alone', () => {
  assert.equal(crc32(bytes('xx123456789yy'), 2, 11), 0xcbf43926);
});
