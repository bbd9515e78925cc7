import { migrate } from '@hooklane/postgres';
import { freePort, startPrivatePostgres } from '@hooklane/standalone';
import { Client } from 'pg';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { alertRules, hurriedRules } from '../support/alert-rules.ts';
import { canaryEnv, startCanary } from '../support/canary.ts';
import { createTestDatabase } from '../support/database.ts';
import type { DeliveringFleet } from '../support/delivering-fleet.ts';
import { startDelivering } from '../support/delivering-fleet.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import type { FiringAlert, Prometheus } from '../support/prometheus.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { findPrometheus, LEFT_OUT } from '../support/prometheus-programs.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { untilDisposed } from '../support/until-disposed.ts';

// Real processes, scraped by a real Prometheus, which judges by the rules as they are shipped. See docs/operations/alerts.md.

const programs = await findPrometheus();
const paging = alertRules().filter(({ labels }) => labels['severity'] === 'page');
const LONG_MS = 280_000;
const ENV = { HOOKLANE_FIGURES_INTERVAL: '500ms' };
const WEBHOOK = { events: ['*'], ping: false, timeout_ms: 2_000 } as const;

describe('a Prometheus that scrapes real processes', () => {
  story('pages nobody while all is well, and of each trouble when it comes', async () => {
    await using fleet = await startDelivering({ env: ENV, webhook: WEBHOOK });
    await using canary = await startCanary(await canaryEnv(fleet));
    await using prometheus = await scraping(fleet, canary);
    await staysWell(prometheus, fleet);

    const port = await freePort();
    for (let n = 1; n <= 20; n++) {
      await fleet.org.webhooks.create({ url: `http://127.0.1.${n}:${port}/`, ...WEBHOOK });
    }
    await fleet.publish('to hosts that cannot be reached');
    await fires(prometheus, 'HooklaneSuspensionsFrozen');
    await fires(prometheus, 'HooklaneMassFailure');

    await fleet.rows(
      'DELETE FROM delivery_due WHERE delivery_id = (SELECT min(delivery_id::text)::uuid FROM delivery_due)',
    );
    await fires(prometheus, 'HooklaneConservationBroken');

    await fleet.worker.kill('SIGKILL');
    expect(await fires(prometheus, 'HooklaneProcessMissing')).toMatchObject({ service: 'worker' });
  });

  story('pages of workers that hang, and of what they are late with when they go on', async () => {
    await using fleet = await startDelivering({ env: ENV, webhook: WEBHOOK });
    await using prometheus = await scraping(fleet);
    await prometheus.judges(3);

    fleet.worker.signal('SIGSTOP');
    for (let n = 0; n < 20; n++) await fleet.publish(n);
    await fires(prometheus, 'HooklaneDeliveryStalled');

    fleet.worker.signal('SIGCONT');
    await fleet.receiver.waitFor(20, 60_000);
    await fires(prometheus, 'HooklaneFirstAttemptsSlow');
  });

  story('pages when the canary falls silent, until its events come back, and when it is gone', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({ databaseUrl: database.url, env: ENV });
    await using canary = await startCanary(await canaryEnv(fleet));
    await using prometheus = await scraping(fleet, canary);
    const isSilent = () => findAlert(prometheus, 'HooklaneCanarySilent');
    await until(async () => !(await isSilent()), { what: 'its events to come back', timeoutMs: 30_000 });

    fleet.worker.signal('SIGSTOP');
    await fires(prometheus, 'HooklaneCanarySilent');
    // It was the chain: the canary itself went on.
    expect(await canary.told('hooklane_canary_published_total{result="failed",service="canary"}')).toBe(0);

    fleet.worker.signal('SIGCONT');
    await until(async () => !(await isSilent()), { what: 'them to come back again', timeoutMs: 60_000 });

    await canary.kill('SIGKILL');
    await until(isSilent, { what: 'the canary to be missed', timeoutMs: 30_000 });
  });

  story('pages when Postgres is away', async () => {
    const postgres = await startPrivatePostgres();
    try {
      await migrate(postgres.url);
      await using fleet = await startFleet({ databaseUrl: postgres.url, env: ENV });
      await using prometheus = await scraping(fleet);
      await fleet.org.events.publish({ type: 'a.b', payload: 'before' });
      await prometheus.judges(3);

      await postgres.kill();
      using publishing = again(() => fleet.post('/events', { type: 'a.b', payload: 'meanwhile' }));
      await fires(prometheus, 'HooklaneIngestErrors');
      await fires(prometheus, 'HooklaneFiguresOld');
      publishing.end();
    } finally {
      await postgres.stop();
    }
  });

  story('pages of a console that holds a transaction open, and then a lock', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({ databaseUrl: database.url, env: { ...ENV, HOOKLANE_PG_POOL: '4' } });
    await using receiver = await startReceiver();
    await using prometheus = await scraping(fleet);
    for (let n = 0; n < WEBHOOKS; n++) {
      await fleet.org.webhooks.create({ url: `${receiver.url}/${n}`, ...WEBHOOK });
    }
    const console = new Client({ connectionString: database.url });
    // Where the test fails before its end, the database is dropped under it.
    console.on('error', () => {});
    await console.connect();
    await console.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await console.query('SELECT FROM orgs');

    const events = Array.from({ length: EVENTS }, (_, payload) => ({ type: 'a.b', payload }));
    await fleet.org.events.publishBatch(events);
    await receiver.waitFor(EVENTS * WEBHOOKS, 120_000);
    await fires(prometheus, 'HooklaneDeadRows');
    await fires(prometheus, 'HooklaneOldTransaction');

    await console.query('LOCK TABLE event_types IN ACCESS EXCLUSIVE MODE');
    const asking = Array.from({ length: 30 }, () => again(() => fleet.get('/event-types')));
    await wait(fleet);
    // Begins in the middle of it: the two minutes of the rule are what it has seen.
    await using late = await scraping(fleet);
    expect(await fires(late, 'HooklaneConnectionsUsedUp')).toMatchObject({ service: 'api' });
    for (const one of asking) one.end();
    await console.end();
  });
});

/** Of each delivery two dead rows at least: that it was claimed, and that it was done. */
const EVENTS = 900;
const WEBHOOKS = 16;

function story(promise: string, tell: () => Promise<void>): void {
  const test = async ({ skip }: TestContext) => {
    if (programs === null) return skip(LEFT_OUT);
    await tell();
  };
  it.concurrent(promise, { timeout: LONG_MS }, test);
}

/**
 * Scraping and judging every second; `for` is shortened, the expressions are those of production. Has scraped all: it takes
 * Prometheus up to 5 s to find out whom to scrape, and a counter that it sees for the first time did not rise.
 */
async function scraping({ api, worker, reaper }: Fleet, ...more: Scraped[]): Promise<Prometheus> {
  if (programs === null) throw new Error(LEFT_OUT);
  const targets = [api, worker, reaper, ...more].map(({ healthUrl }) => healthUrl);
  const prometheus = await startPrometheus({ programs, rules: hurriedRules(), targets });
  const isScraped = async () => (await prometheus.query(`count(up == 1) == ${targets.length}`)).length > 0;
  await until(isScraped, { what: 'all of them to be scraped', timeoutMs: 30_000 });
  return prometheus;
}

interface Scraped {
  healthUrl: string;
}

/** So long with traffic, and nobody was paged; and the rules had something to judge. */
async function staysWell(prometheus: Prometheus, fleet: DeliveringFleet): Promise<void> {
  // What it did not see yet looked missing to it, and a shortened `for` is soon over.
  await until(async () => (await prometheus.firing()).length === 0, { what: 'all to be seen', timeoutMs: 30_000 });
  const begunMs = Date.now();
  for (let n = 0; n < 15; n++) {
    await fleet.publish(n);
    await fleet.receiver.waitFor(n + 1);
    await prometheus.judges(1);
  }
  const seconds = Math.floor((Date.now() - begunMs) / 1000);
  expect(seconds).toBeGreaterThanOrEqual(14);
  const fired = await prometheus.query(
    `count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${seconds}s]))`,
  );
  expect(fired).toEqual([]);
  for (const { alert, expr } of paging) {
    for (const [name] of expr.matchAll(/\bhooklane_\w+/g)) {
      const found = await prometheus.query(`count(${name})`);
      expect([alert, name, found.length]).toEqual([alert, name, 1]);
    }
  }
}

/** It did not before, and does now. Its labels. */
async function fires(prometheus: Prometheus, name: string): Promise<Readonly<Record<string, string>>> {
  const find = () => findAlert(prometheus, name);
  expect(await find()).toBeUndefined();
  const { labels } = await until(find, { what: `${name} to fire`, timeoutMs: 150_000 });
  expect(labels['severity']).toBe('page');
  return labels;
}

async function findAlert(prometheus: Prometheus, name: string): Promise<FiringAlert | undefined> {
  return (await prometheus.firing()).find((alert) => alert.name === name);
}

/** Work in the background, again and again until it is ended, however it fails. */
function again(work: () => Promise<unknown>): ReturnType<typeof untilDisposed> {
  const flag = untilDisposed();
  void (async () => {
    while (!flag.isOver) await work().catch(() => {});
  })();
  return flag;
}

/** Until statements of the API wait for a connection. */
async function wait({ api }: Fleet): Promise<void> {
  const isWaiting = async () => {
    const text = await (await fetch(`${api.healthUrl}/metrics`)).text();
    return Number(/^hooklane_postgres_connections\{[^}]*state="waiting"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0) > 0;
  };
  await until(isWaiting, { what: 'statements to wait for a connection' });
}
