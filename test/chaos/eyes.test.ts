import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '../../src/meta/control-plane.ts';
import { Eyes } from './eyes.ts';

const nobody = { url: 'https://127.0.0.1:1', ca: '' };
const vms = '/apis/hypersphere.io/v1alpha1/virtualmachines';
const ask = (method: ApiRequest['method'], path: string, ...query: [string, string][]): ApiRequest => ({
  method,
  path,
  query,
  headers: {},
});
const list = ask('GET', vms, ['limit', '500']);
const watch = ask('GET', vms, ['watch', 'true'], ['resourceVersion', '7']);
const write = ask('PATCH', `${vms.replace('/virtualmachines', '/namespaces/shop/virtualmachines')}/a/status`);
const statusOf = async (eyes: Eyes, asked: ApiRequest): Promise<unknown> => {
  const instead = await eyes.before(asked);
  return typeof instead === 'object' ? instead.status : instead;
};

test('a trap springs once, at the call that it waits for, before the server hears of it', async () => {
  const eyes = new Eyes(nobody);
  let sprung = 0;
  const takeAway = eyes.set({ step: 'patch virtualmachines/status', when: 'before', nth: 2, spring: () => sprung++ });
  const said = [await eyes.before(list), await eyes.before(write), await eyes.before(write), await eyes.before(write)];
  assert.deepEqual([said, sprung, takeAway()], [[undefined, undefined, 'nothing', undefined], 1, false]);
});

test('a trap for what was done does not count what was refused', () => {
  const eyes = new Eyes(nobody);
  let sprung = 0;
  eyes.set({ step: 'patch virtualmachines/status', when: 'after', nth: 1, spring: () => sprung++ });
  assert.deepEqual([eyes.after(write, 409), sprung], [true, 0]);
  assert.deepEqual([eyes.after(write, 200), sprung], [false, 1]);
});

test('who is blind sees nothing, and writes', async () => {
  const eyes = new Eyes(nobody);
  eyes.turnBlind(600_000);
  assert.deepEqual([await statusOf(eyes, list), await statusOf(eyes, watch), await statusOf(eyes, write)], [503, 503, undefined]);
});

test('who was blind must list before a watch goes on, so that what happened meanwhile is never told', async () => {
  const eyes = new Eyes(nobody);
  eyes.after(list, 200);
  assert.equal(await statusOf(eyes, watch), undefined);
  eyes.turnBlind(600_000);
  eyes.open();
  assert.equal(await statusOf(eyes, watch), 410);
  assert.equal(await statusOf(eyes, list), undefined);
  eyes.after(list, 200);
  assert.equal(await statusOf(eyes, watch), undefined);
});
