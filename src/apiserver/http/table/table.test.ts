import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../../base/errors.ts';
import { humanDuration } from './duration.ts';
import { compileJsonPath } from './jsonpath.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The bounds at which kubectl changes units. */
describe('an age', () => {
  for (const [ms, text] of [
    [-3 * second, '<invalid>'],
    [-1 * second, '0s'],
    [0, '0s'],
    [119 * second, '119s'],
    [120 * second, '2m'],
    [121 * second, '2m1s'],
    [10 * minute + 5 * second, '10m'],
    [179 * minute, '179m'],
    [180 * minute, '3h'],
    [3 * hour + 5 * minute, '3h5m'],
    [8 * hour + 5 * minute, '8h'],
    [47 * hour, '47h'],
    [48 * hour, '2d'],
    [50 * hour, '2d2h'],
    [8 * day + 2 * hour, '8d'],
    [729 * day, '729d'],
    [730 * day, '2y'],
    [735 * day, '2y5d'],
    [2921 * day, '8y'],
  ] as const) {
    test(`${String(ms)} ms is ${text}`, () => {
      assert.equal(humanDuration(ms), text);
    });
  }
});

describe('a JSON path', () => {
  const object = {
    spec: {
      replicas: 3,
      'a.b': 'dotted',
      list: [
        { name: 'x', n: 1 },
        { name: 'y', n: 2 },
        { name: 'z', n: 2 },
      ],
      deep: { name: 'd' },
    },
    metadata: { annotations: { 'example.com/note': 'hi' } },
  };
  for (const [path, found] of [
    ['.spec.replicas', [3]],
    ['{.spec.replicas}', [3]],
    ['$.spec.replicas', [3]],
    ["['spec'].replicas", [3]],
    ['.spec.a\\.b', ['dotted']],
    ['.metadata.annotations.example\\.com/note', ['hi']],
    ['.spec.list[0].name', ['x']],
    ['.spec.list[-1].name', ['z']],
    ['.spec.list[9].name', []],
    ['.spec.list[1:].name', ['y', 'z']],
    ['.spec.list[:1].name', ['x']],
    ['.spec.list[*].name', ['x', 'y', 'z']],
    ['.spec.list.*.name', ['x', 'y', 'z']],
    ['.spec.list[?(@.name=="y")].n', [2]],
    ["..list[?(@.name=='y')].n", [2]],
    ['.spec.list[?(@.n>1)].name', ['y', 'z']],
    ['.spec.list[?(@.n<=1)].name', ['x']],
    ['.spec.list[?(@.n!=2)].name', ['x']],
    ['.spec.list[?(@.missing)].name', []],
    ['.spec.list[?(@.name)].n', [1, 2, 2]],
    ['.spec..name', ['x', 'y', 'z', 'd']],
    ['.nope.deeper', []],
    ['.spec.constructor', []],
  ] as const) {
    test(path, () => {
      assert.deepEqual(compileJsonPath(path)(object), found);
    });
  }

  for (const path of ['spec', '.spec[', '.spec[?(@.a=b)]', '.spec[x]', '.a..']) {
    test(`${path} can not be read`, () => {
      assert.throws(() => compileJsonPath(path), UserError);
    });
  }
});
