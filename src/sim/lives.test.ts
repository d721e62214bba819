import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GuestSpec } from '../ports/guests.ts';
import { lineOf, type JournalEvent } from './journal.ts';
import { livesFrom } from './lives.ts';

const journalOf = (...events: JournalEvent[]): string =>
  events.map((event, index) => `${lineOf({ at: 1000 + index, ...event }, index + 1, index)}\n`).join('');

const words = (host: string, instance: string, vm = 'vm') => ({ host, incarnation: 1, vm, instance });
const started = (host: string, instance: string, vm?: string): JournalEvent => ({
  type: 'GuestStarted',
  spec: specOf(instance),
  ...words(host, instance, vm),
});
const stopped = (host: string, instance: string): JournalEvent => ({ type: 'GuestStopped', ...words(host, instance) });
const suspended = (host: string, instance: string): JournalEvent => ({
  type: 'GuestSuspended',
  memoryStore: { datastore: 'shared' },
  ...words(host, instance),
});
const resumed = (host: string, instance: string): JournalEvent => ({ type: 'GuestResumed', ...words(host, instance) });
const moving =
  (type: 'GuestReceived' | 'GuestActivated' | 'GuestPaused' | 'GuestWentOn' | 'GuestMoved' | 'GuestLost') =>
  (host: string, instance: string) => ({ type, ...words(host, instance) });
const prepared = (host: string, instance: string): JournalEvent => ({
  type: 'GuestPrepared',
  spec: specOf(instance),
  ...words(host, instance),
});
const paused = moving('GuestPaused');
const received = moving('GuestReceived');
const activated = moving('GuestActivated');
const wentOn = moving('GuestWentOn');
const moved = moving('GuestMoved');
const lost = moving('GuestLost');
/** A move up to the moment at which the arbiter decides. */
const standing = [started('a', 'x'), prepared('b', 'y'), paused('a', 'x'), received('b', 'y')];
const worldStarted: JournalEvent = { type: 'WorldStarted', incarnation: 1 };
const powerCut = (host: string): JournalEvent => ({ type: 'PowerCut', host, instances: [] });

function specOf(id: string): GuestSpec {
  const memoryFile = { datastore: 'shared', volume: 'shop/web/memory' };
  return { id, vm: { uid: 'vm', namespace: 'shop', name: 'web' }, cores: 1, memoryBytes: 1, disks: [], memoryFile };
}

describe('the judge of lives (rule 1)', () => {
  const lawful: [string, JournalEvent[]][] = [
    ['a stop before the next start', [started('a', 'x'), stopped('a', 'x'), started('b', 'y')]],
    ['a power cut before the next start', [started('a', 'x'), powerCut('a'), started('b', 'y')]],
    ['a world that began anew in between', [started('a', 'x'), worldStarted, started('b', 'y')]],
    ['a suspend, then a resume', [started('a', 'x'), suspended('a', 'x'), resumed('a', 'x')]],
    ['a suspended guest that is stopped', [started('a', 'x'), suspended('a', 'x'), stopped('a', 'x'), started('b', 'y')]],
    ['a move', [...standing, moved('a', 'x'), activated('b', 'y'), stopped('a', 'x')]],
    ['a move of which the target knew first', [...standing, activated('b', 'y'), moved('a', 'x')]],
    ['a move that did not come about', [...standing, wentOn('a', 'x'), stopped('b', 'y')]],
    ['a target that was lost before it ran, and a start after that', [...standing, moved('a', 'x'), lost('b', 'y'), started('c', 'z')]],
    [
      'a target that was lost, and a start after that',
      [...standing, moved('a', 'x'), activated('b', 'y'), lost('b', 'y'), started('c', 'z')],
    ],
    ['two VMs at once', [started('a', 'x', 'one'), started('b', 'y', 'two')]],
  ];
  for (const [name, events] of lawful) {
    test(`lets pass: ${name}`, () => {
      assert.deepEqual(livesFrom(journalOf(...events)).violations, []);
    });
  }

  const planted: [string, JournalEvent[], RegExp][] = [
    [
      'a second start elsewhere',
      [started('a', 'x'), started('b', 'y')],
      /line 2: VM vm runs as y on b while it runs as x on a since line 1/,
    ],
    ['the same instance on two hosts', [started('a', 'x'), started('b', 'x')], /line 2/],
    ['a second start on the same host', [started('a', 'x'), started('a', 'y')], /line 2/],
    ['a power cut of another host', [started('a', 'x'), powerCut('b'), started('b', 'y')], /line 3/],
    ['a stop of another host', [started('a', 'x'), stopped('b', 'x'), started('b', 'y')], /line 3/],
    ['a stop of another instance', [started('a', 'x'), stopped('a', 'y'), started('b', 'y')], /line 3/],
    ['a resume while another runs', [started('a', 'x'), suspended('a', 'x'), started('b', 'y'), resumed('a', 'x')], /line 4/],
    ['a suspend of what does not run', [suspended('a', 'x')], /line 1: x was suspended on a/],
    [
      'a target that runs before the source stands still',
      [started('a', 'x'), received('b', 'y'), activated('b', 'y')],
      /line 3: VM vm runs as y on b/,
    ],
    ['a source that goes on while the target runs', [...standing, activated('b', 'y'), wentOn('a', 'x')], /line 6: VM vm runs as x on a/],
    ['a target that runs after the source went on', [...standing, wentOn('a', 'x'), activated('b', 'y')], /line 6: VM vm runs as y on b/],
    ['a target that is activated twice', [...standing, activated('b', 'y'), activated('b', 'y')], /line 6/],
    ['a start elsewhere while the target runs', [...standing, activated('b', 'y'), started('c', 'z')], /line 6: VM vm runs as z on c/],
    ['a pause of what does not run', [paused('a', 'x')], /line 1: x was paused on a/],
    ['a guest that was handed over while it ran', [started('a', 'x'), moved('a', 'x')], /line 2: x was handed over by a/],
    ['a host taken away under a guest', [started('a', 'x'), { type: 'HostRemoved', host: 'a' }], /line 2: host a was removed/],
  ];
  for (const [name, events, message] of planted) {
    test(`finds: ${name}`, () => {
      const { violations } = livesFrom(journalOf(...events));
      assert.equal(violations.length, 1);
      assert.match(violations.join(), message);
    });
  }

  test('tells each life, from where to where', () => {
    const { lives } = livesFrom(journalOf(started('a', 'x'), suspended('a', 'x'), resumed('a', 'x'), powerCut('a'), started('b', 'y')));
    assert.deepEqual(lives, [
      { vm: 'vm', instance: 'x', host: 'a', from: { line: 1, at: 1000 }, to: { line: 2, at: 1001, by: 'Suspended' } },
      { vm: 'vm', instance: 'x', host: 'a', from: { line: 3, at: 1002 }, to: { line: 4, at: 1003, by: 'PowerCut' } },
      { vm: 'vm', instance: 'y', host: 'b', from: { line: 5, at: 1004 } },
    ]);
  });

  test('does not judge what it cannot read', () => {
    const [first = '', second = '', third = ''] = journalOf(started('a', 'x'), stopped('a', 'x'), started('b', 'y')).split('\n');
    const { violations } = livesFrom(`${[first, second.replace('"a"', '"b"'), third].join('\n')}\n`);
    assert.deepEqual(violations, ['line 2: the journal cannot be read from here']);
  });
});
