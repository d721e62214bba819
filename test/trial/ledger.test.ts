// The judge of the kill test can say no.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { aVm } from '../builders/objects.ts';
import { brokenPromises, ledger, settle, type Known, type Ledger } from './ledger.ts';

const leaves = { metadata: { namespace: 'default', deletionTimestamp: '2026-03-01T12:00:00Z' } };

function bookOf(is: Known): Ledger {
  const book = ledger();
  book.known.set('a', is);
  book.uids.set('a', 'uid-a');
  return book;
}

it('an acknowledged create is there, and stays what it was', () => {
  const book = bookOf('there');
  assert.deepEqual(brokenPromises(book, [aVm('a')]), []);
  assert.deepEqual(brokenPromises(book, []), ['a was created and is lost']);
  assert.deepEqual(brokenPromises(book, [aVm('a', leaves)]), ['a is being deleted, and nobody asked for that']);
  assert.deepEqual(brokenPromises(book, [aVm('a', { metadata: { uid: 'other' } })]), ['a is another than was made']);
  assert.deepEqual(brokenPromises(book, [aVm('a'), aVm('b')]), ['b was never made']);
});

it('an acknowledged delete goes on, and what was seen gone stays gone', () => {
  assert.deepEqual(brokenPromises(bookOf('leaving'), []), []);
  assert.deepEqual(brokenPromises(bookOf('leaving'), [aVm('a', leaves)]), []);
  assert.deepEqual(brokenPromises(bookOf('leaving'), [aVm('a')]), ['the delete of a is forgotten']);
  assert.deepEqual(brokenPromises(bookOf('gone'), []), []);
  assert.deepEqual(brokenPromises(bookOf('gone'), [aVm('a', leaves)]), ['a was gone and is back']);
});

it('what had no answer may have been carried out or not, and is known from then on', () => {
  const after = (is: Known, ...found: Parameters<typeof settle>[1]): Known | undefined => {
    const book = bookOf(is);
    assert.deepEqual(brokenPromises(book, found), []);
    settle(book, found);
    return book.known.get('a');
  };
  assert.equal(after('creating', aVm('a')), 'there');
  assert.equal(after('creating'), 'gone');
  assert.equal(after('deleting', aVm('a')), 'there');
  assert.equal(after('deleting', aVm('a', leaves)), 'leaving');
  assert.equal(after('deleting'), 'gone');
  assert.equal(after('leaving'), 'gone');
});
