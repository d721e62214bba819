import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import { difference, intersection } from './field-algebra.ts';
import { isEmpty } from './field-set.ts';
import { parseFieldSet } from './field-set-text.ts';
import { Story } from './test-support.ts';
import type { Fields } from './test-support.ts';

const word = fc.constantFrom('a', 'b', 'c');
const count = fc.integer({ min: 0, max: 2 });
const words = fc.uniqueArray(word, { maxLength: 3 });
const dictionary = fc.dictionary(word, word, { maxKeys: 3 });
const part = fc.record(
  { a: count, b: count, inner: fc.record({ d: word, e: word }, { requiredKeys: [] }), tags: words },
  { requiredKeys: [] },
);
const disk = fc.record({ name: word, size: count, labels: dictionary, tags: words }, { requiredKeys: ['name'] });
const port = fc.record({ port: count, protocol: fc.constantFrom('TCP', 'UDP'), note: word }, { requiredKeys: ['port'] });
const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 3 }, count, word, fc.array(tie('tree'), { maxLength: 2 }), fc.dictionary(word, tie('tree'), { maxKeys: 2 })),
})).tree;

/** A gadget's fields as somebody may write them. */
const fields: fc.Arbitrary<Fields> = fc.record(
  {
    metadata: fc.record({ labels: dictionary, finalizers: words }, { requiredKeys: [] }),
    size: count,
    tags: words,
    disks: fc.uniqueArray(disk, { maxLength: 3, selector: ({ name }) => name }),
    ports: fc.uniqueArray(port, { maxLength: 3, selector: ({ port: number, protocol = 'TCP' }) => `${String(number)}${protocol}` }),
    words,
    selector: dictionary,
    part,
    labels: dictionary,
    parts: fc.dictionary(word, part, { maxKeys: 2 }),
    tagsByName: fc.dictionary(word, words, { maxKeys: 2 }),
    anything,
  },
  { requiredKeys: [] },
);
const manager = fc.constantFrom('m', 'n', 'o');
type Step = readonly ['apply' | 'update', string, Fields];
const steps: fc.Arbitrary<Step[]> = fc.array(fc.tuple(fc.constantFrom('apply', 'update'), manager, fields), { maxLength: 5 });

function after(history: readonly Step[]): Story {
  const story = new Story();
  for (const [how, who, what] of history) {
    if (how === 'apply') story.force(who, what);
    else story.update(who, what);
  }
  return story;
}

function ownedBy(story: Story, who: string): ReturnType<typeof parseFieldSet> {
  return parseFieldSet(story.entry(who)?.fieldsV1);
}

suite('whatever was done before', () => {
  test('applying the same twice changes nothing', () => {
    fc.assert(
      fc.property(steps, fields, (history, patch) => {
        const story = after(history).force('m', patch);
        const result = story.tryApply('m', patch);
        assert.equal('changed' in result && result.changed, false);
      }),
    );
  });

  test('a forced applier owns all that it says, and what it says is so', () => {
    fc.assert(
      fc.property(steps, fields, (history, patch) => {
        const alone = new Story().apply('m', patch);
        const story = after(history).force('m', patch);
        assert.equal(story.owns('m'), alone.owns('m'));
        const fresh = new Story();
        fresh.object = story.object;
        assert.equal('object' in fresh.tryApply('x', patch), true, 'another who says the same has no conflict');
      }),
    );
  });

  test('an apply without conflict takes nothing from anybody', () => {
    fc.assert(
      fc.property(steps, fields, (history, patch) => {
        const story = after(history);
        const before = story.managers;
        const result = story.tryApply('x', patch);
        if (!('object' in result)) return;
        for (const entry of before) {
          const now: ManagedFieldsEntry | undefined = result.managedFields.find(
            (each) => each.manager === entry.manager && each.operation === entry.operation,
          );
          assert.deepEqual(now?.fieldsV1, entry.fieldsV1);
        }
      }),
    );
  });

  test('applying nothing ends a manager, and leaves other appliers what they have', () => {
    fc.assert(
      fc.property(steps, fields, (history, patch) => {
        const story = after(history).force('m', patch);
        const others = ['n', 'o'].map((who) => story.owns(who));
        story.apply('m', {});
        assert.equal(story.entry('m'), undefined);
        assert.deepEqual(
          ['n', 'o'].map((who) => story.owns(who)),
          others,
        );
      }),
    );
  });

  test('nobody owns what is not there', () => {
    fc.assert(
      fc.property(steps, fields, (history, written) => {
        const story = after(history).update('last', written);
        const all = parseFieldSet(new Story().update('one', written).entry('one', 'Update')?.fieldsV1);
        for (const entry of story.managers) assert.ok(isEmpty(difference(parseFieldSet(entry.fieldsV1), all)), JSON.stringify(entry));
      }),
    );
  });

  test('no field that changed has two updaters', () => {
    fc.assert(
      fc.property(steps, fields, (history, written) => {
        const story = after(history).update('last', written);
        const last = parseFieldSet(story.entry('last', 'Update')?.fieldsV1);
        for (const entry of story.managers) {
          if (entry.manager !== 'last') assert.ok(isEmpty(intersection(parseFieldSet(entry.fieldsV1), last)), JSON.stringify(entry));
        }
      }),
    );
  });
});

function pick(all: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const rest = Object.entries(value).map(([key, each]) => [key, withoutEmpty(each)] as const);
  const kept = rest.filter(([, each]) => each !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

suite('two appliers with fields of their own', () => {
  const left = fields.map((all) => pick(all, ['size', 'tags', 'disks', 'part', 'anything']));
  const right = fields.map((all) => pick(all, ['metadata', 'words', 'selector', 'labels', 'parts', 'ports']));

  test('come to the same in either order', () => {
    fc.assert(
      fc.property(left, right, (one, two) => {
        const there = new Story().apply('one', one).apply('two', two);
        const back = new Story().apply('two', two).apply('one', one);
        assert.deepEqual(there.fields, back.fields);
        for (const who of ['one', 'two']) assert.deepEqual(ownedBy(there, who), ownedBy(back, who));
      }),
    );
  });

  test('one leaves no trace when it goes, but for lists that were empty: of such a list an applier says nothing', () => {
    fc.assert(
      fc.property(left, right, (one, two) => {
        const story = new Story().apply('one', one).apply('two', two).apply('two', {});
        assert.deepEqual(withoutEmpty(story.fields), withoutEmpty(new Story().apply('one', one).fields));
      }),
    );
  });
});
