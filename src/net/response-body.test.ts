import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stopped, Unreachable } from '../base/errors.ts';
import { ResponseBody } from './response-body.ts';

function made() {
  const asked: string[] = [];
  const note = (what: string) => () => void asked.push(what);
  return { asked, body: new ResponseBody({ pause: note('pause'), resume: note('resume'), cancel: note('cancel') }) };
}

const kibibytes = (count: number) => new Uint8Array(count * 1024);
const done = { done: true, value: undefined };

test('a slow reader pauses the connection at 128 KiB, once, and lets it go on when half is read', async () => {
  const { asked, body } = made();
  body.push(kibibytes(64));
  assert.deepEqual(asked, []);
  body.push(kibibytes(64));
  body.push(kibibytes(64));
  assert.deepEqual(asked, ['pause']);
  await body.next();
  await body.next();
  assert.deepEqual(asked, ['pause']);
  body.push(kibibytes(1));
  await body.next();
  assert.deepEqual(asked, ['pause', 'resume']);
});

test('what was sent before the end, or before a break, is read first', async () => {
  const whole = made().body;
  whole.push(kibibytes(1));
  whole.end();
  assert.equal((await whole.next()).done, false);
  assert.deepEqual(await whole.next(), done);
  assert.deepEqual(await whole.next(), done);

  const broken = made().body;
  broken.push(kibibytes(1));
  broken.fail(new Error('reset'));
  assert.equal((await broken.next()).done, false);
  await assert.rejects(broken.next(), /reset/);
  assert.deepEqual(await broken.next(), done);
});

test('a stop is told at once, whatever was sent before; after the end it is no news', async () => {
  const { body } = made();
  body.push(kibibytes(1));
  body.abort(new Stopped());
  await assert.rejects(body.next(), Stopped);

  const late = made().body;
  late.push(kibibytes(1));
  late.end();
  late.abort(new Stopped());
  await assert.rejects(late.next(), Stopped);

  const ended = made().body;
  ended.end();
  ended.abort(new Stopped());
  assert.deepEqual(await ended.next(), done);
});

test('who leaves early gives the connection up, once, and hears nothing more', async () => {
  const { asked, body } = made();
  const waiting = body.next();
  await body.return();
  assert.deepEqual(await waiting, done);
  body.push(kibibytes(1));
  body.fail(new Error('cut'));
  await body.return();
  assert.deepEqual(await body.next(), done);
  assert.deepEqual(asked, ['cancel']);
});

test('leaving before the first read gives the connection up; after the end there is nothing to give up', async () => {
  const unread = made();
  await unread.body.return();
  assert.deepEqual(unread.asked, ['cancel']);
  const ended = made();
  ended.body.end();
  await ended.body.return();
  assert.deepEqual(ended.asked, []);
});

test('one reader, one chunk at a time', async () => {
  const { body } = made();
  void body.next();
  await assert.rejects(body.next(), Unreachable);
});
