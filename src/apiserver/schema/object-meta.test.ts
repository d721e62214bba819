import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../meta/objects.ts';
import { BadMetadata, coerceEmbedded, coerceObjectMeta } from './object-meta.ts';
import { structural } from './structural.ts';

describe('ObjectMeta', () => {
  const cases: { name: string; value: Json; kept: Json; unknown: string[] }[] = [
    {
      name: 'keeps what it knows',
      value: { name: 'a', labels: { x: 'y' }, generation: 1 },
      kept: { name: 'a', labels: { x: 'y' }, generation: 1 },
      unknown: [],
    },
    { name: 'drops what it does not', value: { name: 'a', nope: 1 }, kept: { name: 'a' }, unknown: ['metadata.nope'] },
    { name: 'by names that objects inherit too', value: { constructor: 1 }, kept: {}, unknown: ['metadata.constructor'] },
    {
      name: 'also further in',
      value: { ownerReferences: [{ name: 'a' }, { name: 'b', nope: 1 }] },
      kept: { ownerReferences: [{ name: 'a' }, { name: 'b' }] },
      unknown: ['metadata.ownerReferences[1].nope'],
    },
    {
      name: 'drops what is null or empty',
      value: { name: 'a', creationTimestamp: null, labels: {}, finalizers: [] },
      kept: { name: 'a' },
      unknown: [],
    },
    {
      name: 'leaves fieldsV1 alone',
      value: { managedFields: [{ fieldsV1: { 'f:x': {} } }] },
      kept: { managedFields: [{ fieldsV1: { 'f:x': {} } }] },
      unknown: [],
    },
    { name: 'is nothing when null', value: null, kept: {}, unknown: [] },
  ];
  for (const { name, value, kept, unknown } of cases) {
    it(name, () => {
      const found: string[] = [];
      assert.deepEqual(coerceObjectMeta(value, found), kept);
      assert.deepEqual(found, unknown);
    });
  }

  const bad: { value: Json; words: string }[] = [
    { value: { labels: { a: 1 } }, words: 'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string' },
    { value: { name: true }, words: 'json: cannot unmarshal bool into Go struct field ObjectMeta.name of type string' },
    { value: { labels: ['a'] }, words: 'json: cannot unmarshal array into Go struct field ObjectMeta.labels of type map[string]string' },
    { value: { finalizers: 'a' }, words: 'json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string' },
    { value: { generation: 1.5 }, words: 'json: cannot unmarshal number into Go struct field ObjectMeta.generation of type int64' },
    {
      value: { ownerReferences: [{ controller: 'yes' }] },
      words: 'json: cannot unmarshal string into Go struct field OwnerReference.controller of type bool',
    },
  ];
  for (const { value, words } of bad) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => coerceObjectMeta(value, []),
        (error) => error instanceof BadMetadata && error.message === words,
      );
    });
  }

  it('refuses a time that is none', () => {
    assert.throws(() => coerceObjectMeta({ creationTimestamp: 'yesterday' }, []), /^BadMetadata: parsing time "yesterday"/);
  });

  it('is coerced in embedded objects too', () => {
    const node = structural({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          items: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    });
    const unknown: string[] = [];
    const value = { list: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', nope: 1 } }] };
    assert.deepEqual(coerceEmbedded(value, node, '', unknown), { list: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }] });
    assert.deepEqual(unknown, ['list[0].metadata.nope']);
    assert.throws(() => coerceEmbedded({ list: [{ kind: 1 }] }, node, '', []), /list\[0\]\.kind: Invalid value: 1: must be a string/);
  });
});
