import { describe, expect, test } from 'vitest';
import { parseRedisUrl, RedisUrlError } from './redis-url.ts';

describe('parseRedisUrl', () => {
  test('reads a single server with the usual port, no credentials and database 0', () => {
    expect(parseRedisUrl('redis://queue.internal')).toEqual({
      topology: 'single',
      tls: false,
      credentials: {},
      address: { host: 'queue.internal', port: 6379 },
      db: 0,
    });
  });

  test('reads TLS, encoded credentials, port and database', () => {
    expect(parseRedisUrl('rediss://me:p%40ss%2Fword@[::1]:7000/3')).toEqual({
      topology: 'single',
      tls: true,
      credentials: { username: 'me', password: 'p@ss/word' },
      address: { host: '::1', port: 7000 },
      db: 3,
    });
  });

  test('takes an empty user name for none', () => {
    expect(parseRedisUrl('redis://:secret@host').credentials).toEqual({ password: 'secret' });
  });

  test('reads Sentinels with the name of the master and credentials of their own', () => {
    const url = 'redis+sentinel://:secret@s1/2?name=main&node=s2:26380&node=[::2]&sentinel_password=other';
    expect(parseRedisUrl(url)).toEqual({
      topology: 'sentinel',
      tls: false,
      credentials: { password: 'secret' },
      sentinels: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_380 },
        { host: '::2', port: 26_379 },
      ],
      masterName: 'main',
      sentinelCredentials: { password: 'other' },
      db: 2,
    });
  });

  test('reads the nodes of a cluster', () => {
    expect(parseRedisUrl('rediss+cluster://u:p@n1:7001?node=n2:7002')).toEqual({
      topology: 'cluster',
      tls: true,
      credentials: { username: 'u', password: 'p' },
      nodes: [
        { host: 'n1', port: 7001 },
        { host: 'n2', port: 7002 },
      ],
    });
  });

  test.each([
    'localhost:6379',
    'http://hunter2@host',
    'redis+something://:hunter2@host',
    'redis://:hunter2@host/0/1',
    'redis://:hunter2@host/abc',
    'redis://:hunter2%@host',
    'redis://:hunter2@host?node=other',
    'redis+cluster://:hunter2@host/1',
    'redis+cluster://:hunter2@host?node=',
    'redis+cluster://:hunter2@host?node=a:b:c',
    'redis+sentinel://:hunter2@host',
    'redis+sentinel://:hunter2@host?name=main&role=slave',
  ])('refuses %s without repeating its password', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(RedisUrlError);
    expect(() => parseRedisUrl(url)).toThrow(/^REDIS_URL (?!.*hunter2)/);
  });
});
