import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aHost, epoch } from '../../../test/builders/objects.ts';
import type { Host } from '../../api/host.ts';
import { wordOf } from './watches.ts';

const before = aHost('h1');
const as = (status: Partial<Host['status']>): Host => ({ ...before, status: { ...before.status, ...status } });
const fence = { state: 'Fenced', since: epoch, found: 'PoweredOn' } as const;
const inventory = { capacity: { cores: 16, memory: '64Gi' }, agentVersion: '0', bootedAt: epoch };

describe('what of a host is news for moves that wait, or go on', () => {
  const news: readonly [what: string, after: Host][] = [
    ['it is fenced', as({ fence })],
    ['a switch is ready there', as({ switches: [{ name: 'prod', configuration: '', ready: true }] })],
    ['its processors are known', as({ inventory: { ...inventory, cpu: { baseline: 'x86-64-v4' } } })],
  ];
  for (const [what, after] of news) it(what, () => assert.notEqual(wordOf(after), wordOf(before)));
});
