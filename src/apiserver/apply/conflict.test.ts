import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import { conflictStatus } from './conflict.ts';

const foo: ManagedFieldsEntry = { manager: 'foo', operation: 'Update', apiVersion: 'v1', time: '2001-02-03T04:05:06Z' };
const bar: ManagedFieldsEntry = { manager: 'bar', operation: 'Apply', apiVersion: 'v1' };
const scaler: ManagedFieldsEntry = { ...foo, subresource: 'scale' };
const replicas = ['f:spec', 'f:replicas'];

test('one conflict is said in one line', () => {
  const status = conflictStatus([{ owner: foo, path: replicas }]);
  assert.deepEqual(status, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Apply failed with 1 conflict: conflict with "foo" using v1: .spec.replicas',
    reason: 'Conflict',
    details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "foo" using v1', field: '.spec.replicas' }] },
    code: 409,
  });
});

test('several by who has the fields', () => {
  const status = conflictStatus([
    { owner: bar, path: ['f:metadata', 'f:labels', 'f:app'] },
    { owner: foo, path: replicas },
    { owner: foo, path: ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:name'] },
  ]);
  assert.equal(
    status.message,
    'Apply failed with 3 conflicts: conflicts with "bar":\n- .metadata.labels.app\nconflicts with "foo" using v1:\n- .spec.replicas\n- .spec.ports[port=80,protocol="TCP"].name',
  );
  assert.deepEqual(
    status.details?.causes?.map((cause) => cause.message),
    ['conflict with "bar"', 'conflict with "foo" using v1', 'conflict with "foo" using v1'],
  );
});

test('a subresource is named', () => {
  assert.equal(
    conflictStatus([{ owner: scaler, path: replicas }]).message,
    'Apply failed with 1 conflict: conflict with "foo" with subresource "scale" using v1: .spec.replicas',
  );
});
