import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WholeBody } from './whole-body.ts';

async function chunksOf(bytes: Uint8Array): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of new WholeBody(bytes)) chunks.push(chunk);
  return chunks;
}

test('a whole body is a body like any other, and none of its chunks is empty', async () => {
  const bytes = new TextEncoder().encode('{}');
  assert.deepEqual(await chunksOf(bytes), [bytes]);
  assert.deepEqual(await chunksOf(new Uint8Array()), []);
});
