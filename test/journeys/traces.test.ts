import { expect, inject, it } from 'vitest';
import { startCollector } from '../support/collector.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { startReceiver } from '../support/receiver.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const QUICK = { retry: { kind: 'linear', interval_ms: 1_000, cap_ms: 1_000, max_attempts: 3 } } as const;

it('an event is followed from the request of its producer to each attempt, and its receiver learns nothing of it', async () => {
  await using database = await createTestDatabase();
  await using collector = await startCollector();
  await using receiver = await startReceiver((_, index) => ({ status: index === 0 ? 500 : 200 }));
  await using fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { HOOKLANE_OTLP_ENDPOINT: collector.url },
  });
  const url = `${receiver.url}/path-of-mine?token=query-of-mine`;
  const webhook = { events: ['*'], ping: false, failure_policy: QUICK };
  const { id: webhookId, secret } = await fleet.org.webhooks.create({ url, ...webhook });
  const event = await publish(fleet, { traceparent: `00-${TRACE}-${SPAN}-01` });
  await receiver.waitFor(2);

  const [server] = await collector.waitFor('POST /v1/orgs/:org/events', 1);
  expect(server).toMatchObject({ service: 'hooklane-api', kind: 2, traceId: TRACE, parentSpanId: SPAN });
  expect(server?.attributes).toMatchObject({
    'hooklane.event.id': event.id,
    'http.request.method': 'POST',
    'http.route': '/v1/orgs/:org/events',
    'http.response.status_code': 202,
  });
  const attempts = await collector.waitFor('attempt', 2);
  const ingest = { traceId: TRACE, spanId: server?.spanId };
  const common = { service: 'hooklane-worker', kind: 3, parentSpanId: undefined, links: [ingest] };
  expect(attempts).toMatchObject([
    { ...common, status: 2, attributes: { 'error.type': '500', 'hooklane.attempt.number': 1 } },
    { ...common, status: 0, attributes: { 'http.request.resend_count': 1, 'hooklane.attempt.number': 2 } },
  ]);
  const logged = (await fleet.org.webhooks.attempts(webhookId)).data.toReversed();
  for (const [n, { attributes }] of attempts.entries()) {
    expect(attributes).toMatchObject({
      'hooklane.org.id': server?.attributes['hooklane.org.id'],
      'hooklane.webhook.id': webhookId,
      'hooklane.event.id': event.id,
      'hooklane.attempt.id': logged[n]?.id,
      'hooklane.attempt.outcome': n === 0 ? 'rejected' : 'accepted',
      'server.address': '127.0.0.1',
    });
  }
  expect(new Set([TRACE, ...attempts.map(({ traceId }) => traceId)]).size).toBe(3);
  expect(attempts[0]?.attributes['hooklane.delivery.id']).toBe(attempts[1]?.attributes['hooklane.delivery.id']);

  for (const what of ['path-of-mine', 'query-of-mine', 'payload-of-mine', String(secret), fleet.orgKey]) {
    expect(collector.text).not.toContain(what);
  }
  for (const { headers } of receiver.requests) {
    expect(headers).not.toHaveProperty('traceparent');
    expect(JSON.stringify(headers)).not.toContain(TRACE);
  }
});

it('a collector that hangs delays no answer and no delivery, and the processes end in good order; receivers are told where that is set', async () => {
  await using database = await createTestDatabase();
  await using collector = await startCollector({ hang: true });
  await using receiver = await startReceiver();
  await using fleet = await startFleet({
    databaseUrl: database.url,
    env: { HOOKLANE_OTLP_ENDPOINT: collector.url, HOOKLANE_PROPAGATE_TRACE: 'true' },
  });
  await fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false });
  await publish(fleet, { traceparent: 'no trace at all' });
  await publish(fleet, { traceparent: `00-${TRACE}-${SPAN}-00` });
  const arrived = await receiver.waitFor(2);
  const told = arrived
    .map(({ headers }) => String(headers['traceparent']))
    .toSorted((a, b) => (a.slice(-2) < b.slice(-2) ? -1 : 1));
  // Whether it is traced was decided with the event; the trace is the attempt's own.
  expect(told).toEqual([expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/), expect.stringMatching(/-01$/)]);
  expect(told.join()).not.toContain(TRACE);
  await expect.poll(() => collector.requests.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(await Promise.all([fleet.api.kill('SIGTERM'), fleet.worker.kill('SIGTERM')])).toEqual([0, 0]);
});

async function publish(fleet: Fleet, headers: Record<string, string>): Promise<{ id: string }> {
  const { slug } = (await fleet.operator.orgs.list()).data[0] ?? { slug: '' };
  const answer = await fetch(`${fleet.url}/v1/orgs/${slug}/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${fleet.orgKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ type: 'a.b', payload: 'payload-of-mine' }),
  });
  expect(answer.status).toBe(202);
  return (await answer.json()) as { id: string };
}
