import { createHash } from 'node:crypto';
import { asId } from '@hooklane/domain';
import type { Caller } from '@hooklane/engine';
import { NO_RATE_LIMITS } from '@hooklane/engine';
import { describe, expect, it } from 'vitest';
import { createKeyCache, KEY_TTL_MS } from './key-cache.ts';

const CALLER: Caller = {
  keyId: asId('key', 'k'),
  keyName: 'ci',
  org: { id: asId('org', 'o'), slug: 'acme' },
  scopes: new Set(),
  rateLimits: { key: NO_RATE_LIMITS, org: NO_RATE_LIMITS },
};

describe('the cache of keys', () => {
  it('looks a good key up once per two seconds', async () => {
    const { cache, store, clock } = create();
    expect(await cache.callerOf(hashOf('a'))).toBe(CALLER);
    clock.ms += KEY_TTL_MS - 1;
    await cache.callerOf(hashOf('a'));
    expect(store.lookups).toBe(1);
    clock.ms += 1;
    await cache.callerOf(hashOf('a'));
    expect(store.lookups).toBe(2);
  });

  it('shares a lookup that is under way', async () => {
    const { cache, store } = create();
    await Promise.all([cache.callerOf(hashOf('a')), cache.callerOf(hashOf('a'))]);
    expect(store.lookups).toBe(1);
  });

  it('does not remember bad keys', async () => {
    const { cache, store } = create();
    store.answer = null;
    await cache.callerOf(hashOf('a'));
    store.answer = CALLER;
    expect(await cache.callerOf(hashOf('a'))).toBe(CALLER);
    expect(store.lookups).toBe(2);
  });

  it('does not remember failures', async () => {
    const { cache, store } = create();
    store.failure = new RangeError('away');
    await expect(cache.callerOf(hashOf('a'))).rejects.toThrow('away');
    store.failure = null;
    expect(await cache.callerOf(hashOf('a'))).toBe(CALLER);
  });

  it('forgets all when cleared, also what was just being looked up', async () => {
    const { cache, store } = create();
    await cache.callerOf(hashOf('a'));
    const underWay = cache.callerOf(hashOf('b'));
    cache.clear();
    await underWay;
    await cache.callerOf(hashOf('a'));
    await cache.callerOf(hashOf('b'));
    expect(store.lookups).toBe(4);
  });

  it('holds a thousand keys and drops the oldest', async () => {
    const { cache, store } = create();
    for (let n = 0; n <= 1000; n++) await cache.callerOf(hashOf(String(n)));
    await cache.callerOf(hashOf('1000'));
    expect(store.lookups).toBe(1001);
    await cache.callerOf(hashOf('0'));
    expect(store.lookups).toBe(1002);
  });
});

function create() {
  const clock = { ms: 0 };
  const store = {
    lookups: 0,
    answer: CALLER as Caller | null,
    failure: null as Error | null,
    async authenticate(): Promise<Caller | null> {
      store.lookups++;
      await Promise.resolve();
      if (store.failure) throw store.failure;
      return store.answer;
    },
  };
  return { cache: createKeyCache(store, () => clock.ms), store, clock };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
