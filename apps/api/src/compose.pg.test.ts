import { randomBytes } from 'node:crypto';
import { openDatabase } from '@hooklane/postgres';
import { ALL_NAMES, createLogger } from '@hooklane/runtime';
import { expect, inject, test } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.ts';
import { databaseUrl } from '../../../test/support/database-server.ts';
import { until } from '../../../test/support/until.ts';
import { composeApi } from './compose.ts';
import { apiConfig } from './config.ts';

const OPERATOR_KEY = randomBytes(32).toString('hex');
const ENV = {
  PORT: '0',
  HOOKLANE_HOST: '127.0.0.1',
  HOOKLANE_OPERATOR_KEY: OPERATOR_KEY,
  HOOKLANE_SEALING_KEYS: `a:${randomBytes(32).toString('base64')}`,
};

/** `unchecked`: as after a start that went well, on what it would not have started with. */
async function startApi(env: Record<string, string>, { unchecked = false } = {}) {
  const api = composeApi(apiConfig.read({ ...ENV, ...env }, ALL_NAMES), createLogger({ name: 'api', level: 'silent' }));
  const services = api.services.filter((service) => !unchecked || service.name !== 'boot-check');
  for (const service of services) await service.start();
  const stop = async () => {
    for (const service of services.toReversed()) await service.stop();
  };
  const call = async (
    method: string,
    path: string,
    { key = OPERATOR_KEY, body }: { key?: string; body?: unknown } = {},
  ) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(api.url + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
  };
  return { api, call, [Symbol.asyncDispose]: stop };
}

test('an org is made, gets a key and a webhook, and publishes', async () => {
  await using database = await createTestDatabase();
  await using house = await startApi({ DATABASE_URL: database.url });
  const { call } = house;

  expect((await call('POST', '/v1/orgs', { body: { slug: 'acme' } })).status).toBe(201);
  const scopes = ['events:write', 'events:read', 'webhooks:create', 'webhooks:list'];
  const { key } = (await call('POST', '/v1/orgs/acme/keys', { body: { name: 'k', scopes } })).json;
  const webhook = {
    url: 'https://example.com/',
    events: ['invoice.*'],
    headers: { 'x-api-key': 's3cret' },
    ping: false,
  };
  const created = await call('POST', '/v1/orgs/acme/webhooks', { key, body: webhook });
  expect(created.json).toMatchObject({ name: 'example.com', headers: { 'x-api-key': '********' }, active: true });

  const event = { type: 'invoice.paid', payload: { total: 1 }, id: 'inv-1', attributes: { region: 'eu' } };
  const published = await call('POST', '/v1/orgs/acme/events', { key, body: event });
  expect(published).toMatchObject({ status: 202, json: { deliveries: 1 } });
  expect(await call('POST', '/v1/orgs/acme/events', { key, body: event })).toEqual(published);
  const other = await call('POST', '/v1/orgs/acme/events', { key, body: { ...event, payload: 2 } });
  expect(other).toMatchObject({ status: 409, json: { code: 'idempotency_conflict' } });

  const stored = await call('GET', `/v1/orgs/acme/events/${published.json.id}`, { key });
  expect(stored.json).toMatchObject({
    external_id: 'inv-1',
    payload: { total: 1 },
    attributes: { region: 'eu' },
    deliveries: [{ webhook_id: created.json.id, state: 'pending' }],
  });
  const cursor = await call('GET', '/v1/orgs/acme/webhooks?cursor=nonsense', { key });
  expect(cursor).toMatchObject({ status: 422, json: { code: 'invalid_cursor' } });
});

test('limits are kept locally while the table they are shared in is away, and nobody is told of it', async () => {
  await using database = await createTestDatabase();
  await using house = await startApi({ DATABASE_URL: database.url });
  const { call } = house;
  await call('POST', '/v1/orgs', { body: { slug: 'acme' } });
  const body = { name: 'k', scopes: ['events:write'], rate_limits: { events_per_second: 2 } };
  const { key } = (await call('POST', '/v1/orgs/acme/keys', { body })).json;
  await dropRateBuckets(database.url);

  const publish = () => call('POST', '/v1/orgs/acme/events', { key, body: { type: 'a', payload: 1 } });
  const statuses = new Set<number>();
  await until(
    async () => {
      statuses.add((await publish()).status);
      return statuses.size > 1;
    },
    { what: 'the limit to be used up' },
  );
  await until(async () => (await publish()).status === 202, { what: 'the limit to fill again' });
  expect([...statuses].toSorted()).toEqual([202, 429]);
});

async function dropRateBuckets(url: string): Promise<void> {
  const database = openDatabase({ url, name: 'test', poolSize: 1, statementTimeoutMs: 5_000, onError: () => {} });
  await database.pool.query('DROP TABLE rate_buckets');
  await database.close();
}

test('it is ready with its database, and without Redis, which is only degraded', async () => {
  await using database = await createTestDatabase();
  await using house = await startApi({ DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1' });
  expect(await house.call('GET', '/readyz')).toEqual({
    status: 200,
    json: { ready: true, checks: { postgres: 'ok', migrations: 'ok', redis: 'degraded' } },
  });
});

test('it is not ready on a database that has not been migrated', async () => {
  await using house = await startApi(
    { DATABASE_URL: databaseUrl(inject('postgresUrl'), 'postgres') },
    { unchecked: true },
  );
  expect(await house.call('GET', '/readyz')).toEqual({
    status: 503,
    json: { ready: false, checks: { postgres: 'ok', migrations: 'failed' } },
  });
});

test('it says within a moment that its database is away, and 503 to what needs it', async () => {
  await using house = await startApi({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }, { unchecked: true });
  expect(await house.call('GET', '/readyz')).toMatchObject({ status: 503, json: { ready: false } });
  expect(await house.call('GET', '/healthz')).toMatchObject({ status: 200 });
  expect(await house.call('GET', '/v1/orgs')).toMatchObject({ status: 503, json: { code: 'unavailable' } });
});
