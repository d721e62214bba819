import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLost } from '../meta/control-plane.ts';
import { failure } from '../meta/status.ts';
import { client } from './client.ts';
import { eventRecorder, type EventRecorderOptions } from './event-recorder.ts';
import { metrics } from './metrics.ts';
import { answer, bodyOf, refusal, scripted, testRuntime, thing, type Scripted, type TestRuntime } from './test-support.ts';
import type { EventRecorder } from './types.ts';

interface Written {
  metadata: { name: string; namespace: string };
  regarding: Record<string, string>;
  reason: string;
  note: string;
}

interface Given {
  runtime: TestRuntime;
  recorder: EventRecorder;
  /** The events for which the server was asked. */
  asked: () => Written[];
}

const stored: Scripted = (request) => answer(201, { ...(bodyOf(request) as Written), metadata: { name: 'x', resourceVersion: '1' } });

function given(scripts: Scripted[] = [], options: Partial<EventRecorderOptions> = {}): Given {
  const runtime = testRuntime();
  const { controlPlane, requests } = scripted(...scripts, ...Array.from({ length: 20_000 }, () => stored));
  const api = client(controlPlane, runtime, { userAgent: 'test', fieldManager: 'tester' });
  const recorder = eventRecorder(api, runtime, { controller: 'hypersphere.io/test', instance: 'test-0', ...options });
  return { runtime, recorder, asked: () => requests.map((request) => bodyOf(request) as Written) };
}

test('writes what events.k8s.io/v1 asks for', async () => {
  const { runtime, recorder, asked } = given();
  recorder.event(thing('a', 7), 'Normal', 'Placed', 'on host-1');
  await runtime.clock.settle();
  const [event] = asked();
  assert.match(event?.metadata.name ?? '', /^a\.[0-9a-f]{16}$/);
  assert.deepEqual(
    { ...event, metadata: event?.metadata.namespace },
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: 'shop',
      eventTime: '2026-03-01T12:00:00.000000Z',
      action: 'Reconcile',
      type: 'Normal',
      reason: 'Placed',
      note: 'on host-1',
      regarding: { apiVersion: 'test.example/v1', kind: 'Thing', name: 'a', namespace: 'shop', uid: 'uid-a', resourceVersion: '7' },
      reportingController: 'hypersphere.io/test',
      reportingInstance: 'test-0',
    },
  );
});

test('events of what is in no namespace go to default, and a long name is cut to fit', async () => {
  const { runtime, recorder, asked } = given();
  const { metadata } = thing('h'.repeat(253), 7);
  delete metadata.namespace;
  recorder.event({ ...thing('a', 7), metadata }, 'Warning', 'Lost', 'x');
  await runtime.clock.settle();
  assert.equal(asked()[0]?.metadata.namespace, 'default');
  assert.equal(asked()[0]?.metadata.name.length, 253);
  assert.equal(asked()[0]?.regarding['namespace'], undefined);
});

test('says nothing that it said last of that object, and everything else', async () => {
  const { runtime, recorder, asked } = given();
  const a = thing('a', 1);
  for (let i = 0; i < 3; i++) recorder.event(a, 'Normal', 'Started', 'x');
  recorder.event(thing('b', 1), 'Normal', 'Started', 'x');
  recorder.event(a, 'Warning', 'Started', 'x');
  recorder.event(a, 'Warning', 'Started', 'y');
  recorder.event(a, 'Normal', 'Stopped', 'x');
  recorder.event(a, 'Normal', 'Started', 'x');
  const reborn = { ...a, metadata: { ...a.metadata, uid: 'another' } };
  recorder.event(reborn, 'Normal', 'Started', 'x');
  await runtime.clock.settle();
  assert.equal(asked().length, 7);
});

test('forgets the object that it spoke of longest ago when its memory is full', async () => {
  const { runtime, recorder, asked } = given([], { remembered: 2 });
  for (const name of ['a', 'b', 'a', 'c', 'a']) recorder.event(thing(name, 1), 'Normal', 'Started', 'x');
  await runtime.clock.settle();
  assert.deepEqual(
    asked().map((event) => event.regarding['name']),
    ['a', 'b', 'c'],
  );
  recorder.event(thing('b', 1), 'Normal', 'Started', 'x');
  await runtime.clock.settle();
  assert.equal(asked().length, 4);
});

test('does not wait for a write; a failing one is tried again under the same name, and blocks nobody', async () => {
  const lost: Scripted = () => new ConnectionLost('reset');
  const { runtime, recorder, asked } = given([
    lost,
    () => refusal(failure(503, 'ServiceUnavailable', 'later')),
    () => refusal(failure(409, 'AlreadyExists', 'there')),
  ]);
  recorder.event(thing('a', 1), 'Normal', 'Started', 'x');
  await runtime.clock.settle();
  recorder.event(thing('b', 1), 'Normal', 'Started', 'x');
  await runtime.clock.advance(60_000);
  const names = asked().map((event) => event.metadata.name.slice(0, 2));
  assert.deepEqual(names, ['a.', 'b.', 'a.', 'b.']);
  assert.equal(new Set(asked().map((event) => event.metadata.name)).size, 2);
  recorder.event(thing('a', 1), 'Normal', 'Started', 'x');
  recorder.event(thing('b', 1), 'Normal', 'Started', 'x');
  await runtime.clock.settle();
  assert.equal(asked().length, 4, 'both are written, also the one that was there already');
});

test('gives up after some tries, or at once when the server will never take it, and says it when it is asked again', async () => {
  const counted = metrics();
  const { runtime, recorder, asked } = given(
    [
      ...Array.from({ length: 5 }, () => () => new ConnectionLost('reset')),
      () => refusal(failure(403, 'Forbidden', 'namespace is being terminated')),
    ],
    { metrics: counted },
  );
  const say = (): void => {
    recorder.event(thing('a', 1), 'Normal', 'Started', 'x');
  };
  say();
  await runtime.clock.advance(60_000);
  assert.equal(asked().length, 5);
  say();
  await runtime.clock.advance(60_000);
  assert.equal(asked().length, 6);
  say();
  await runtime.clock.settle();
  say();
  await runtime.clock.settle();
  assert.equal(asked().length, 7);
  assert.match(counted.print(), /hypersphere_events_dropped_total\{why="refused"\} 2/);
});

test('an object that changes its mind all the time gets 25 events, then one a minute', async () => {
  const { runtime, recorder, asked } = given();
  const chatter = (): void => {
    for (let i = 0; i < 100; i++) recorder.event(thing('a', 1), 'Normal', 'Started', String(i));
  };
  chatter();
  await runtime.clock.settle();
  assert.equal(asked().length, 26);
  await runtime.clock.advance(180_000);
  chatter();
  await runtime.clock.settle();
  assert.equal(asked().length, 29);
});

test('what waits while the server is away is bounded', async () => {
  const counted = metrics();
  const { runtime, recorder, asked } = given(
    Array.from({ length: 4 }, () => () => 'never' as const),
    { metrics: counted },
  );
  for (let i = 0; i < 10_100; i++) recorder.event(thing(`t${String(i)}`, 1), 'Normal', 'Started', 'x');
  await runtime.clock.settle();
  assert.match(counted.print(), /hypersphere_events_dropped_total\{why="backlog"\} 96/);
  await runtime.clock.advance(60_000);
  assert.equal(asked().length, 10_004 + 4, 'the four that were never answered were asked twice');
  recorder.event(thing('t10099', 1), 'Normal', 'Started', 'x');
  await runtime.clock.settle();
  assert.equal(asked().length, 10_009, 'and what was dropped may be said again');
});

test('a note has at most 1,024 bytes and no half characters; a reason is CamelCase', async () => {
  const { runtime, recorder, asked } = given();
  recorder.event(thing('a', 1), 'Normal', 'Long', 'x'.repeat(1024));
  recorder.event(thing('a', 1), 'Normal', 'Long', `${'x'.repeat(1020)}äöü`);
  recorder.event(thing('a', 1), 'Normal', 'Long', `xx${'🙂'.repeat(300)}`);
  await runtime.clock.settle();
  const notes = asked().map((event) => event.note);
  assert.equal(notes[0], 'x'.repeat(1024));
  assert.equal(notes[1], `${'x'.repeat(1020)}…`);
  assert.equal(notes[2], `xx${'🙂'.repeat(254)}…`);
  assert.ok(notes.every((note) => new TextEncoder().encode(note).length <= 1024));
  for (const reason of ['', 'not camel', 'lower', 'A'.repeat(129)]) {
    assert.throws(() => {
      recorder.event(thing('a', 1), 'Normal', reason, 'x');
    }, /no reason/);
  }
});
