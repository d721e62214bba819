import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subscriptions } from './subscriptions.ts';
import { Thing } from './test-support.ts';
import type { Cache, ChangeHandler } from './types.ts';

function things(): Cache<Thing> & { readonly handlers: Set<ChangeHandler<Thing>> } {
  const handlers = new Set<ChangeHandler<Thing>>();
  return {
    kind: Thing,
    get: () => undefined,
    list: () => [],
    byIndex: () => [],
    synced: () => true,
    silentFor: () => 0,
    onChange: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    handlers,
  };
}

describe('subscriptions', () => {
  it('end all at once, and leave those of others', () => {
    const cache = things();
    const listening = subscriptions();
    cache.onChange(() => undefined);
    listening.of(cache).onChange(() => undefined);
    const stop = listening.of(cache).onChange(() => undefined);
    listening.of(cache).onChange(() => undefined);
    assert.equal(cache.handlers.size, 4);
    stop();
    assert.equal(cache.handlers.size, 3);
    listening.end();
    assert.equal(cache.handlers.size, 1);
  });

  it('take nobody once they have ended', () => {
    const cache = things();
    const listening = subscriptions();
    listening.end();
    listening.of(cache).onChange(() => undefined)();
    assert.equal(cache.handlers.size, 0);
  });
});
