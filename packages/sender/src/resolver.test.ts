import { afterEach, describe, expect, it } from 'vitest';
import type { DnsAnswer, DnsQuestion, DnsServer } from '../../../test/support/dns-server.ts';
import { startDnsServer } from '../../../test/support/dns-server.ts';
import type { Resolver, ResolverOptions } from './resolver.ts';
import { createResolver } from './resolver.ts';

const running: { close(): void }[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.close();
});

async function start(
  answer: (question: DnsQuestion) => DnsAnswer,
  { ttlSeconds = 0, ...options }: ResolverOptions & { ttlSeconds?: number } = {},
): Promise<{ dns: DnsServer; resolver: Resolver }> {
  const dns = await startDnsServer(answer, ttlSeconds);
  const resolver = createResolver({ servers: [dns.address], ...options });
  running.push(resolver, dns);
  return { dns, resolver };
}

describe('resolver', () => {
  it('finds the addresses of both families, IPv4 first', async () => {
    const { resolver } = await start(() => ['2606:4700::1', '192.0.2.7', '192.0.2.8']);
    expect(await resolver.resolve('receiver.test')).toEqual({
      kind: 'found',
      addresses: [
        { address: '192.0.2.7', family: 4 },
        { address: '192.0.2.8', family: 4 },
        { address: '2606:4700::1', family: 6 },
      ],
    });
  });

  it('is content with one family when the other fails', async () => {
    const { resolver } = await start(({ type }) => (type === 'A' ? 'refuse' : ['2606:4700::1']));
    expect(await resolver.resolve('receiver.test')).toEqual({
      kind: 'found',
      addresses: [{ address: '2606:4700::1', family: 6 }],
    });
  });

  it('does not wait for a family that is never answered', async () => {
    const { resolver } = await start(({ type }) => (type === 'A' ? ['192.0.2.7'] : 'silence'));
    const startedAt = performance.now();
    const found = await resolver.resolve('receiver.test');
    expect(found).toEqual({ kind: 'found', addresses: [{ address: '192.0.2.7', family: 4 }] });
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  it('reports a name that does not exist', async () => {
    const { resolver } = await start(() => 'refuse');
    expect(await resolver.resolve('nobody.test')).toEqual({ kind: 'failed', code: 'ENOTFOUND' });
  });

  it.each([
    [64, 'found'],
    [65, 'failed'],
  ])('of %i addresses says %s: thousands would be judged and kept', async (count, kind) => {
    const addresses = Array.from({ length: count }, (_, n) => `198.51.100.${n}`);
    const { resolver } = await start(() => addresses);
    expect(await resolver.resolve('receiver.test')).toMatchObject({ kind });
  });

  it('gives up on a server that never answers', async () => {
    const { resolver } = await start(() => 'silence', { timeoutMs: 250 });
    expect(await resolver.resolve('receiver.test')).toEqual({ kind: 'failed', code: 'ETIMEOUT' });
  });

  it('asks again at once when the time to live is 0', async () => {
    const { dns, resolver } = await start(({ count }) => [`192.0.2.${count}`]);
    await resolver.resolve('receiver.test');
    expect(await resolver.resolve('receiver.test')).toMatchObject({ addresses: [{ address: '192.0.2.2' }] });
    expect(dns.asked).toHaveLength(4);
  });

  it('keeps an answer for its time to live', async () => {
    const { dns, resolver } = await start(() => ['192.0.2.7'], { ttlSeconds: 60 });
    const first = await resolver.resolve('receiver.test');
    expect(await resolver.resolve('receiver.test')).toEqual(first);
    expect(await resolver.resolve('receiver.test.')).toEqual(first);
    expect(dns.asked).toHaveLength(2);
  });

  it('keeps a failure for a moment only', async () => {
    const { dns, resolver } = await start(({ count }) => (count === 1 ? 'refuse' : ['192.0.2.7']));
    await resolver.resolve('receiver.test');
    expect(await resolver.resolve('receiver.test')).toMatchObject({ kind: 'failed' });
    expect(dns.asked).toHaveLength(2);
    await expect.poll(() => resolver.resolve('receiver.test'), { timeout: 3_000 }).toMatchObject({ kind: 'found' });
  });

  it('asks once for many who ask at the same time', async () => {
    const { dns, resolver } = await start(() => ['192.0.2.7']);
    await Promise.all(Array.from({ length: 100 }, () => resolver.resolve('receiver.test')));
    expect(dns.asked).toHaveLength(2);
  });

  it('forgets the oldest name when the cache is full', async () => {
    const { dns, resolver } = await start(() => ['192.0.2.7'], { ttlSeconds: 60, maxNames: 2 });
    for (const name of ['a.test', 'b.test', 'c.test', 'c.test', 'b.test', 'a.test']) await resolver.resolve(name);
    expect(dns.asked.filter(({ type }) => type === 'A').map(({ name }) => name)).toEqual([
      'a.test',
      'b.test',
      'c.test',
      'a.test',
    ]);
  });

  it.each(['localhost', 'localhost.', 'receiver.localhost'])('answers %s without DNS', async (name) => {
    const { dns, resolver } = await start(() => 'refuse');
    expect(await resolver.resolve(name)).toMatchObject({ addresses: [{ address: '127.0.0.1' }, { address: '::1' }] });
    expect(dns.asked).toHaveLength(0);
  });

  it('ends queries under way when it is closed', async () => {
    const { dns, resolver } = await start(() => 'silence');
    const resolution = resolver.resolve('receiver.test');
    await expect.poll(() => dns.asked.length).toBeGreaterThan(0);
    resolver.close();
    expect(await resolution).toEqual({ kind: 'failed', code: 'ECANCELLED' });
  });
});
