import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { expect, inject, it } from 'vitest';
import { fixture } from '../support/certificates.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import type { Behaviour, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

/** What must be found nowhere but where it belongs, each unlike anything else. */
const CANARIES = {
  secret: canary('secret'),
  newSecret: canary('new-secret'),
  header: canary('header'),
  apiKey: canary('x-api-key'),
  password: canary('password'),
  query: canary('query'),
  payload: canary('payload'),
};
const KEY_LINE = fixture('client-a-key').split('\n')[1] ?? '';

function canary(what: string): string {
  return `canary-${what}-${randomBytes(9).toString('hex')}`;
}

/** Every form in which they could be lying about. */
function marks(fleet: Fleet): string[] {
  const basic = Buffer.from(`us:${CANARIES.password}`).toString('base64');
  const keys = [fleet.operatorKey, fleet.orgKey];
  const plain = [...Object.values(CANARIES), basic, KEY_LINE, ...keys];
  return plain.flatMap((text) => [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64')]);
}

/** Says back all it was told, in every place that an answer has. */
const echo: Behaviour = ({ headers, body, path }, index) => {
  const told = Object.entries(headers).map(([name, value]): [string, string] => [`x-echo-${name}`, String(value)]);
  const text = `${JSON.stringify(headers)} ${path} ${body}`;
  return { status: index % 2 === 0 ? 500 : 200, headers: Object.fromEntries(told), body: text };
};

/** Answers of an even number say 500. */
const FAILING = 0;

const WEBHOOK = {
  events: ['*'],
  timeout_ms: 1_000,
  headers: { authorization: [`Bearer ${CANARIES.header}`], 'x-api-key': CANARIES.apiKey },
  client_certificate: { certificate: fixture('client-a-cert'), key: fixture('client-a-key') },
  secret: CANARIES.secret,
  profile: 'github',
} as const;

it('drives marked secrets and payloads through every flow, and finds them in no log, error, metric, job or table', async () => {
  await using database = await createTestDatabase();
  await using told = await watchRedis();
  await using fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { HOOKLANE_LOG_LEVEL: 'trace', HOOKLANE_ALERT_INTERVAL: '1s' },
  });
  await using receiver = await startReceiver(echo);
  await using broken = await startReceiver((request) => echo(request, FAILING));
  await using alerts = await startReceiver(echo);

  const answers = await driveEverything(fleet, { receiver, broken, alerts });

  const logs = [fleet.api, fleet.worker, fleet.reaper].flatMap(({ lines }) => [...lines]);
  const places = {
    answers,
    logs: logs.join('\n'),
    metrics: await metricsOf(fleet),
    redis: told.commands.join('\n'),
    database: await dump(database.url),
  };
  expect(logs.length).toBeGreaterThan(20);
  expect(told.commands.length).toBeGreaterThan(20);
  expect(places.metrics).toMatch(/^200,(.|\n)*\n200,(.|\n)*\n200,/);
  // The marks did travel: what is looked for is what was sent.
  const sent = receiver.requests.map(({ headers, body }) => JSON.stringify(headers) + body).join();
  for (const text of [CANARIES.header, CANARIES.apiKey, CANARIES.payload]) expect(sent).toContain(text);
  const found = Object.entries(places).flatMap(([place, text]) =>
    marks(fleet).flatMap((mark) => (text.includes(mark) ? [`${place}: ${mark}`] : [])),
  );
  expect(found).toEqual([]);
});

/** Publish, ping, retry, divert, resend, redeliver, replay, alert, rotate, list, and everything that can go wrong at the door. */
async function driveEverything(
  fleet: Fleet,
  { receiver, broken, alerts }: Record<'receiver' | 'broken' | 'alerts', Receiver>,
): Promise<string> {
  const { org } = fleet;
  const to = ({ url }: Receiver) => `${url}/hooks?token=${CANARIES.query}`;
  const retry = { kind: 'list', delays_ms: [50] } as const;
  const alert_url = to(alerts);
  const webhook = await org.webhooks.create({ ...WEBHOOK, url: to(receiver), failure_policy: { retry } });
  const { authorization: _, ...headers } = WEBHOOK.headers;
  const failing = await org.webhooks.create({
    ...{ ...WEBHOOK, headers, url: to(broken), auth: { username: 'us', password: CANARIES.password } },
    failure_policy: { retry, alert_url, suspend: null },
  });

  const payload = { [CANARIES.payload]: CANARIES.payload };
  const event = await org.events.publish({ type: 'a.b', payload });
  await org.events.publishBatch([{ type: 'a.c', payload }]);
  await receiver.waitFor((request) => request.body.includes(CANARIES.payload));
  const setAside = async () => (await org.diverted.list(failing.id)).data.some(({ event_id }) => event_id === event.id);
  await until(setAside, { what: 'the event to be set aside' });
  await org.webhooks.rotateSecret(failing.id, { secret: CANARIES.newSecret, overlap_seconds: 60 });
  await alerts.waitFor(1);
  await org.webhooks.ping(webhook.id, { wait: true });
  await org.webhooks.rotateSecret(webhook.id, { secret: CANARIES.newSecret, overlap_seconds: 60 });
  await org.diverted.resend(failing.id, event.id, { wait: true });
  await org.diverted.resendAll(failing.id);
  const delivered = async () => (await org.webhooks.deliveries(webhook.id, { state: 'delivered' })).data[0];
  const { id } = await until(delivered, { what: 'a delivery' });
  await org.deliveries.redeliver(id, { wait: true });
  const replay = await org.webhooks.replay(webhook.id, { since: new Date(Date.now() - 60_000).toISOString() });
  await until(async () => (await org.operations.get(replay.id)).state !== 'running', { what: 'the replay' });
  await until(setAside, { what: 'the event to be set aside again' });
  return [...(await listings(fleet, failing.id)), ...(await refusals(fleet, failing.id))].join('\n');
}

/** All that can be read, but for the log of attempts, which is there to show payloads and answers. */
async function listings(fleet: Fleet, id: string): Promise<string[]> {
  const of = `/webhooks/${id}`;
  const paths = ['', '/webhooks', of, `${of}/secrets`, `${of}/deliveries`, `${of}/diverted`, `${of}/stats`, '/keys'];
  const answers = [...paths, '/audit', '/operations', '/deliveries', '/event-types'].map((path) => fleet.get(path));
  return (await Promise.all(answers)).map((text) =>
    // A URL is shown to those who set it; it is told to nobody else.
    text.replaceAll(CANARIES.query, ''),
  );
}

/** Marked values where they are wrong. */
async function refusals(fleet: Fleet, id: string): Promise<string[]> {
  const url = 'https://example.com/';
  const wrong: [string, object][] = [
    ['/webhooks', { url: `https://us:${CANARIES.password}@example.com/`, events: ['*'] }],
    ['/webhooks', { url, events: ['*'], headers: { 'x-a': `${CANARIES.header}\n` } }],
    ['/webhooks', { url, events: ['*'], headers: { host: CANARIES.header } }],
    ['/webhooks', { url, events: ['*'], secret: `${CANARIES.secret}\u0000` }],
    ['/webhooks', { url, events: ['*'], auth: { username: 'a:b', password: `${CANARIES.password}\u0000` } }],
    ['/webhooks', { url, events: ['*'], client_certificate: { certificate: CANARIES.secret, key: CANARIES.secret } }],
    ['/webhooks', { url, events: ['*'], ca_bundle: fixture('client-a-key') }],
    [`/webhooks/${id}/secrets/rotate`, { secret: CANARIES.newSecret, overlap_seconds: CANARIES.secret }],
    ['/events', { type: CANARIES.payload.toUpperCase(), payload: CANARIES.payload }],
    ['/events', { type: 'a.b', payload: '['.repeat(100) + CANARIES.payload }],
    [`/events/batch`, { events: [{ type: '?', payload: CANARIES.payload }] }],
  ];
  const answers = wrong.map(async ([path, body]) => {
    const answer = await fleet.post(path, body);
    return answer.text();
  });
  return Promise.all(answers);
}

async function metricsOf(fleet: Fleet): Promise<string> {
  const texts = [fleet.api, fleet.worker, fleet.reaper].map(async ({ lines }) => {
    const [, port] = /"health_port":(\d+)/.exec(lines.join()) ?? [];
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    return [answer.status, await answer.text()].join();
  });
  return (await Promise.all(texts)).join('\n');
}

/** Everything that anybody says to Redis while the test runs: jobs are removed when they are done. */
async function watchRedis(): Promise<AsyncDisposable & { commands: string[] }> {
  const client = new Redis(inject('redisUrl'));
  const monitor = await client.monitor();
  const commands: string[] = [];
  monitor.on('monitor', (_: string, args: string[]) => commands.push(args.join(' ')));
  return {
    commands,
    async [Symbol.asyncDispose]() {
      monitor.disconnect();
      client.disconnect();
    },
  };
}

/** Where payloads, answers and URLs are kept on purpose. */
const ASIDE: Readonly<Record<string, readonly string[]>> = {
  events: ['payload'],
  events_kept: ['payload'],
  attempts: ['response_headers', 'response_body', 'url'],
  webhooks: ['url', 'failure_policy'],
};

async function dump(url: string): Promise<string> {
  const pool = new Pool({ connectionString: url, max: 1 });
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const dumps: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(
      `SELECT (to_jsonb(t) - $1::text[])::text AS row FROM ${name} t`,
      [ASIDE[name] ?? []],
    );
    dumps.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  await pool.end();
  for (const name of ['webhooks', 'attempts', 'audit_log', 'diverted_events', 'webhook_secrets']) {
    expect(dumps.filter((row) => row.startsWith(`${name} `)).length, name).toBeGreaterThan(0);
  }
  return dumps.join('\n');
}
