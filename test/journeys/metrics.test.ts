import { expect, inject, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

it('an event is found again in the metrics of all three processes, which the public port does not tell', async () => {
  await using database = await createTestDatabase();
  await using receiver = await startReceiver((_, index) => ({ status: index === 0 ? 500 : 200 }));
  await using fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { HOOKLANE_FIGURES_INTERVAL: '100ms' },
  });
  await fleet.org.webhooks.create({
    url: receiver.url,
    events: ['*'],
    ping: false,
    failure_policy: { retry: { kind: 'linear', interval_ms: 1_000, cap_ms: 1_000, max_attempts: 3 } },
  });
  await fleet.org.events.publish({ type: 'a.b', payload: 1 }, { idempotencyKey: 'once' });
  await fleet.org.events.publish({ type: 'a.b', payload: 1 }, { idempotencyKey: 'once' });
  await receiver.waitFor(2);

  const api = await scrape(fleet.api.healthUrl);
  expect(api('hooklane_events_total', { result: 'accepted' })).toBe(1);
  expect(api('hooklane_events_total', { result: 'repeated' })).toBe(1);
  expect(api('hooklane_ingest_duration_seconds_count', { kind: 'event', answer: '2xx' })).toBe(2);
  expect(api('hooklane_postgres_statement_duration_seconds_count', { statement: 'accept_events' })).toBeGreaterThan(0);

  const worker = await until(
    async () => {
      const found = await scrape(fleet.worker.healthUrl);
      const isDone = found('hooklane_deliveries_total', { state: 'delivered', origin: 'event' }) === 1;
      return isDone && found('hooklane_redis_memory_bytes', { kind: 'used' }) !== undefined && found;
    },
    { what: 'the delivery to be counted' },
  );
  expect(worker('hooklane_attempts_total', { outcome: 'rejected', class: '5xx' })).toBe(1);
  expect(worker('hooklane_attempts_total', { outcome: 'accepted', class: '2xx' })).toBe(1);
  expect(worker('hooklane_first_attempt_latency_seconds_count')).toBe(1);
  expect(worker('hooklane_end_to_end_latency_seconds_sum')).toBeGreaterThan(0.7);
  expect(worker('hooklane_retry_lateness_seconds_count')).toBe(1);
  expect(worker('hooklane_queue_state', { state: 'accepting' })).toBe(1);
  expect(worker('hooklane_queue_jobs', { queue: '0', state: 'waiting' })).toBe(0);

  const reaper = await until(
    async () => {
      const found = await scrape(fleet.reaper.healthUrl);
      // Until then it was failing, which is also what the reaper told.
      const isActive = found('hooklane_webhooks', { state: 'active' }) === 1;
      return isActive && (found('hooklane_conservation_compared_total') ?? 0) >= 2 && found;
    },
    { what: 'the reaper to have compared, and to have seen the webhook succeed', timeoutMs: 30_000 },
  );
  expect(reaper('hooklane_conservation_mismatches')).toBe(0);
  expect(reaper('hooklane_oldest_due_age_seconds')).toBe(0);

  expect((await fetch(`${fleet.url}/metrics`)).status).toBe(404);
});

/** Answers with the value of a series; undefined where it is not told. */
async function scrape(url: string): Promise<(name: string, labels?: Record<string, string>) => number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name, labels = {}) => {
    const line = text.split('\n').find((one) => {
      const wanted = Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`));
      return one.startsWith(`${name}{`) && wanted;
    });
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
  };
}
