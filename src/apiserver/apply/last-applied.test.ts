import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { gadget, Story } from './test-support.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object that kubectl applied on the client's side, as `applied`, and of which others made `live`. */
function clientSide(applied: Record<string, unknown>, live: Record<string, unknown>): Story {
  const annotations = { [annotation]: `${JSON.stringify(gadget(applied))}\n` };
  return new Story().update('kubectl-client-side-apply', { ...live, metadata: { annotations } });
}

function lastApplied(story: Story): unknown {
  const text = story.object?.metadata.annotations?.[annotation];
  return text === undefined ? undefined : JSON.parse(text);
}

suite('kubectl, going over from client-side to server-side apply', () => {
  const applied = { size: 3, disks: [{ name: 'a', size: 1 }], labels: { app: 'x' } };

  test('may take what it applied and what is still so', () => {
    const story = clientSide(applied, applied).apply('kubectl', { size: 4, disks: [{ name: 'a', size: 2 }], labels: { app: 'y' } });
    assert.deepEqual([story.fields['size'], story.fields['labels']], [4, { app: 'y' }]);
    assert.equal(story.owns('kubectl'), '.disks[name="a"] .disks[name="a"].name .disks[name="a"].size .labels.app .size');
  });

  test('not what others changed or added since', () => {
    const live = { size: 100, disks: [{ name: 'a', size: 9 }], labels: { app: 'x', team: 'y' } };
    assert.deepEqual(
      clientSide(applied, live).conflicts('kubectl', { size: 4, disks: [{ name: 'a', size: 2 }], labels: { app: 'z', team: 'z' } }),
      [
        'conflict with "kubectl-client-side-apply" using test.example/v1: .disks[name="a"].size',
        'conflict with "kubectl-client-side-apply" using test.example/v1: .labels.team',
        'conflict with "kubectl-client-side-apply" using test.example/v1: .size',
      ],
    );
  });

  test('whoever takes another name opts out', () => {
    assert.equal(clientSide(applied, applied).conflicts('helm', { size: 4 }).length, 1);
  });

  for (const [what, text] of [
    ['is of another version', JSON.stringify({ ...gadget({ size: 3 }), apiVersion: 'test.example/v2' })],
    ['is no JSON', 'x'],
    ['is no object', '[1]'],
    ['has not the form of the schema', JSON.stringify(gadget({ size: 3, nope: 1 }))],
    ['is empty', ''],
  ] as const) {
    test(`an annotation that ${what} allows nothing`, () => {
      const story = new Story().update('u', { size: 3, metadata: { annotations: { [annotation]: text } } });
      assert.deepEqual(story.conflicts('kubectl', { size: 4 }), ['conflict with "u" using test.example/v1: .size']);
    });
  }

  test('the annotation is kept up to date, without itself', () => {
    const story = clientSide(applied, applied).apply(
      'kubectl',
      { size: 4, metadata: { annotations: { note: 'x', [annotation]: 'old' } } },
      { force: true },
    );
    assert.deepEqual(lastApplied(story), gadget({ size: 4, metadata: { annotations: { note: 'x' } } }));
    assert.match(story.object?.metadata.annotations?.[annotation] ?? '', /^\{"apiVersion":.*\}\n$/);
  });

  test('applying the same again changes nothing', () => {
    const story = clientSide(applied, applied).apply('kubectl', applied);
    const result = story.tryApply('kubectl', applied);
    assert.equal('changed' in result && result.changed, false);
  });

  test('no annotation is made where there is none', () => {
    assert.equal(lastApplied(new Story().apply('kubectl', { size: 4 })), undefined);
  });

  test('of others it is none of their business', () => {
    const story = clientSide(applied, applied).apply('helm', { size: 3 });
    assert.deepEqual(lastApplied(story), gadget(applied));
  });

  test('one too big to keep goes', () => {
    const story = clientSide(applied, applied).apply('kubectl', { ...applied, name: 'x'.repeat(256 * 1024) });
    assert.equal(lastApplied(story), undefined);
  });
});
