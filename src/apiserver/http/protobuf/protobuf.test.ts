import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMapsPath, harness, podsPath } from '../test-support.ts';
import { decodeProtobuf } from './decode.ts';

/** Wire-format by hand: a field is its number and a string, bytes, a message (a list of fields) or a number. */
type Part = readonly [field: number, value: string | number | bigint | Uint8Array | readonly Part[]];

const encoder = new TextEncoder();

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

function message(parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap(([field, value]) => {
      if (typeof value === 'number' || typeof value === 'bigint') return [...varint(field << 3), ...varint(value)];
      const bytes = typeof value === 'string' ? encoder.encode(value) : value instanceof Uint8Array ? value : message(value);
      return [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

function unknown(apiVersion: string, kind: string, raw: readonly Part[]): Uint8Array {
  const envelope = message([
    [
      1,
      [
        [1, apiVersion],
        [2, kind],
      ],
    ],
    [2, message(raw)],
    [3, ''],
    [4, ''],
  ]);
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...envelope]);
}

const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };

describe('protobuf bodies', () => {
  test('a ConfigMap with everything that metadata has', () => {
    const body = unknown('v1', 'ConfigMap', [
      [
        1,
        [
          [1, 'a'],
          [3, 'default'],
          [8, []],
          [
            9,
            [
              [1, 1_772_366_400],
              [2, 0],
            ],
          ],
          [10, -1n],
          [
            11,
            [
              [1, 'app'],
              [2, 'web'],
            ],
          ],
          [
            11,
            [
              [1, 'tier'],
              [2, 'x'],
            ],
          ],
          [
            13,
            [
              [1, 'Node'],
              [3, 'n'],
              [4, 'u'],
              [5, 'v1'],
              [6, 1],
            ],
          ],
          [14, 'example.com/hold'],
          [99, 'unknown'],
        ],
      ],
      [
        2,
        [
          [1, 'k'],
          [2, 'v'],
        ],
      ],
      [
        3,
        [
          [1, 'b'],
          [2, Uint8Array.from([0, 255])],
        ],
      ],
      [4, 1],
    ]);
    assert.deepEqual(decodeProtobuf(body), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'default',
        deletionTimestamp: '2026-03-01T12:00:00Z',
        deletionGracePeriodSeconds: -1,
        labels: { app: 'web', tier: 'x' },
        ownerReferences: [{ kind: 'Node', name: 'n', uid: 'u', apiVersion: 'v1', controller: true }],
        finalizers: ['example.com/hold'],
      },
      data: { k: 'v' },
      binaryData: { b: 'AP8=' },
      immutable: true,
    });
  });

  test('a Lease, whose times have microseconds', () => {
    const body = unknown('coordination.k8s.io/v1', 'Lease', [
      [
        2,
        [
          [1, 'me'],
          [2, 40],
          [
            4,
            [
              [1, 1_772_366_400],
              [2, 123_456_000],
            ],
          ],
        ],
      ],
    ]);
    assert.deepEqual(decodeProtobuf(body)['spec'], {
      holderIdentity: 'me',
      leaseDurationSeconds: 40,
      renewTime: '2026-03-01T12:00:00.123456Z',
    });
  });

  test('DeleteOptions of whatever group', () => {
    const body = unknown('example.com/v1', 'DeleteOptions', [
      [1, 5],
      [2, [[1, 'u']]],
      [4, 'Foreground'],
      [5, 'All'],
    ]);
    const { gracePeriodSeconds, preconditions, propagationPolicy, dryRun } = decodeProtobuf(body);
    assert.deepEqual([gracePeriodSeconds, preconditions, propagationPolicy, dryRun], [5, { uid: 'u' }, 'Foreground', ['All']]);
  });

  test('are taken as if they were JSON', async () => {
    const server = await harness();
    const body = unknown('v1', 'ConfigMap', [
      [
        1,
        [
          [1, 'a'],
          [8, []],
        ],
      ],
      [
        2,
        [
          [1, 'k'],
          [2, 'v'],
        ],
      ],
    ]);
    const got = await server.send('POST', configMapsPath, { body, headers: protobuf });
    assert.deepEqual([got.status, got.json.data], [201, { k: 'v' }]);
    const review = unknown('authorization.k8s.io/v1', 'SelfSubjectAccessReview', [
      [
        2,
        [
          [
            1,
            [
              [2, 'get'],
              [5, 'pods'],
            ],
          ],
        ],
      ],
    ]);
    const answer = await server.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: review, headers: protobuf });
    assert.deepEqual([answer.json.status.allowed, answer.json.spec.resourceAttributes], [true, { verb: 'get', resource: 'pods' }]);
  });

  test('of a kind that is not decoded are 415, torn ones 400', async () => {
    const server = await harness();
    await server.no(415, 'POST', podsPath, { body: unknown('v1', 'Pod', []), headers: protobuf });
    for (const body of [
      encoder.encode('{}'),
      unknown('v1', 'ConfigMap', [[1, [[1, 'a']]]]).slice(0, -5),
      Uint8Array.from([0x6b, 0x38, 0x73, 0, 0x0b]),
    ]) {
      await server.no(400, 'POST', configMapsPath, { body, headers: protobuf });
    }
  });
});
