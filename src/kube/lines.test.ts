import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Garbled } from './answers.ts';
import { lineCutter } from './lines.ts';

test('however the bytes are cut, the lines come whole', () => {
  const text = '{"a":"ö"}\n{"b":"日本"}\n\n{"c":"🙂"}\nhalf';
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const cut = lineCutter((line) => lines.push(line));
    for (let at = 0; at < bytes.length; at += size) cut(bytes.slice(at, at + size));
    assert.deepEqual(lines, ['{"a":"ö"}', '{"b":"日本"}', '{"c":"🙂"}'], `in chunks of ${String(size)}`);
  }
});

test('keeps no hold of memory that the giver may use again', () => {
  const lines: string[] = [];
  const cut = lineCutter((line) => lines.push(line));
  const chunk = new TextEncoder().encode('first ');
  cut(chunk);
  chunk.fill(120);
  cut(new TextEncoder().encode('second\n'));
  assert.deepEqual(lines, ['first second']);
});

test('a line without end does not fill the memory', () => {
  const cut = lineCutter(() => undefined, 10);
  cut(new Uint8Array(6));
  assert.throws(() => {
    cut(new Uint8Array(6));
  }, Garbled);
});
