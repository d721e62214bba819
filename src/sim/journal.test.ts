import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lineOf, readJournal, type JournalEntry } from './journal.ts';

describe('reading a journal', () => {
  const entry = (host: string): JournalEntry => ({ at: 1, type: 'HostRemoved', host });

  test('gives the entries in their order', () => {
    const text = `${lineOf(entry('a'), 1, 0)}\n${lineOf(entry('b'), 2, 1)}\n`;
    assert.deepEqual(
      readJournal(text).entries.map(({ type, at }) => ({ type, at })),
      [entry('a'), entry('b')].map(({ type, at }) => ({ type, at })),
    );
    assert.equal(readJournal(text).sound, text);
  });

  test('leaves out what a crash tore, holes and all, when nothing of it was durable', () => {
    const sound = `${lineOf(entry('a'), 1, 0)}\n`;
    const torn = [lineOf(entry('b'), 2, 1).replace('HostRemoved', 'HostRem\0\0\0\0'), lineOf(entry('c'), 3, 1), lineOf(entry('d'), 4, 1)];
    for (const tail of ['', torn.join('\n'), `${torn.join('\n')}\n`, torn[1] ?? '']) {
      const read = readJournal(sound + tail);
      assert.equal(read.sound, sound);
      assert.equal(read.damaged, undefined);
    }
  });

  test('says so when a line that was durable cannot be read', () => {
    const lines = [lineOf(entry('a'), 1, 0), lineOf(entry('b'), 2, 1), lineOf(entry('c'), 3, 2)];
    const flipped = lines.map((line, index) => (index === 1 ? line.replace('"b"', '"x"') : line));
    assert.equal(readJournal(`${flipped.join('\n')}\n`).damaged, 2);
    const missing = lines.filter((_, index) => index !== 1);
    assert.equal(readJournal(`${missing.join('\n')}\n`).damaged, 2);
  });
});
