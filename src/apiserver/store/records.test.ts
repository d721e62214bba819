import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Record } from './records.ts';
import { encode, lastWithin, linesOf } from './records.ts';

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const key = fc.stringMatching(/^[^\u0000-\u001f\ud800-\udfff]{1,20}$/);
const plain = { noNullPrototype: true };
const record: fc.Arbitrary<Record> = fc.oneof(
  fc.record({ kind: fc.constantFrom('log' as const, 'snapshot' as const), format: number, generation: number, revision: number }, plain),
  fc.record({ kind: fc.constantFrom('put' as const, 'remove' as const), revision: number, durable: number, key, text: fc.json() }, plain),
  fc.record({ kind: fc.constant('mark' as const), revision: number, durable: number }, plain),
  fc.record({ kind: fc.constant('end' as const), count: number }, plain),
);
const read = (bytes: Uint8Array): (Record | undefined)[] => [...linesOf(bytes)].map((line) => line.record);

describe('records', () => {
  test('are read as they were written, one a line', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const bytes = encode(records);
        assert.deepEqual(read(bytes), records);
        assert.equal(bytes.filter((byte) => byte === 10).length, records.length);
      }),
    );
  });

  test('cut anywhere: the whole lines are read, the rest is damaged', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.nat(), (records, cut) => {
        const bytes = encode(records);
        const length = cut % bytes.length;
        const ends = [...linesOf(bytes)].map((line) => line.end);
        const whole = records.filter((_, i) => (ends[i] ?? 0) <= length);
        const torn = length > (ends[whole.length - 1] ?? 0) ? [undefined] : [];
        assert.deepEqual(read(bytes.subarray(0, length)), [...whole, ...torn]);
      }),
    );
  });

  test('with any byte changed: that line is damaged, and no other record is invented', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (records, where, flip) => {
        const bytes = encode(records);
        const at = where % bytes.length;
        const hit = [...linesOf(bytes)].findIndex((line) => at < line.end);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const readable = read(bytes).filter((one) => one !== undefined);
        // A line feed that is gone takes the next line with it.
        const spared = records.filter((_, i) => i !== hit);
        const without = records.filter((_, i) => i !== hit && i !== hit + 1);
        assert.ok([spared, without].some((expected) => JSON.stringify(expected) === JSON.stringify(readable)));
      }),
    );
  });

  test('a record behind a lost line feed is found', () => {
    const records: Record[] = [
      { kind: 'put', revision: 1, durable: 0, key: 'a', text: '{"a":"\\t"}' },
      { kind: 'mark', revision: 2, durable: 7 },
    ];
    const bytes = encode(records);
    bytes[bytes.indexOf(10)] = 32;
    const [line] = [...linesOf(bytes)];
    assert.ok(line !== undefined && line.record === undefined);
    assert.deepEqual(lastWithin(bytes, line), records[1]);
    assert.equal(lastWithin(bytes.subarray(0, -2), { start: 0, end: bytes.length - 2, record: undefined }), undefined);
  });
});
