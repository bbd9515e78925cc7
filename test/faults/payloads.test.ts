import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Payloads that JSON columns, parsers or queues choke on; 4xx where they are not taken. */
const PAYLOADS: ReadonlyArray<readonly [name: string, payload: string | Buffer, status: 202 | 400 | 413 | 422]> = [
  ['a NUL', '"\\u0000"', 202],
  ['lone surrogates', '"\\ud800 \\udfff"', 202],
  ['a number beyond all doubles', '1e400', 202],
  ['more digits than a double has', '[1.0000000000000000000001, 1e2, -0, 12345678901234567890]', 202],
  ['doubled and reordered keys, odd spaces', '{ "b":1,\t"a":2 , "b":3,"__proto__":{"x":1} }', 202],
  ['keys of every object', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":0}', 202],
  ['256 KiB', `"${'x'.repeat(256 * 1024 - 2)}"`, 202],
  ['256 KiB and a byte', `"${'x'.repeat(256 * 1024 - 1)}"`, 413],
  ['nested as deep as is allowed', nested(60), 202],
  ['nested 10,000 deep', nested(10_000), 422],
  ['20 MB', `"${'x'.repeat(20 * 1024 * 1024)}"`, 413],
  ['cut off', '{"a":', 400],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400],
];

onBothQueues('poisonous payloads', (redisUrl) => {
  it('are delivered byte for byte or refused, and never get stuck', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
      composition: 'test',
      without: ['reaper'],
    });
    await using receiver = await startReceiver();
    await fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, timeout_ms: 1_000 });
    const { slug } = (await fleet.operator.orgs.list()).data[0] ?? { slug: '' };
    const { key } = await fleet.operator.keys.create(slug, { name: 'raw', scopes: ['events:write'] });

    const found: unknown[] = [];
    const wanted: Buffer[] = [];
    for (const [name, payload, status] of PAYLOADS) {
      const body = Buffer.concat([Buffer.from('{"type":"a.b","payload":'), Buffer.from(payload), Buffer.from('}')]);
      const answer = await fetch(`${fleet.url}/v1/orgs/${slug}/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body,
      }).catch(() => ({ status: 413 }));
      found.push([name, answer.status]);
      if (status === 202) wanted.push(Buffer.from(payload));
    }

    expect(found).toEqual(PAYLOADS.map(([name, , status]) => [name, status]));
    const arrived = await receiver.waitFor(wanted.length);
    const texts = (bodies: Buffer[]) => bodies.map((body) => body.toString('latin1')).sort();
    expect(texts(arrived.map((request) => request.body))).toEqual(texts(wanted));
  });
});
