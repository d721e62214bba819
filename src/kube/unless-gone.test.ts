import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, failure } from '../meta/status.ts';
import { unlessGone } from './unless-gone.ts';

test('a write to what is gone, or newer than what was read, is no failure; every other refusal is', async () => {
  assert.equal(await unlessGone(Promise.resolve()), true);
  assert.equal(await unlessGone(Promise.reject(new ApiError(failure(404, 'NotFound', 'gone')))), false);
  assert.equal(await unlessGone(Promise.reject(new ApiError(failure(409, 'Conflict', 'newer')))), false);
  await assert.rejects(unlessGone(Promise.reject(new ApiError(failure(409, 'AlreadyExists', 'there')))), ApiError);
  await assert.rejects(unlessGone(Promise.reject(new Error('lost'))), /lost/);
});
