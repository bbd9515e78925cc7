import { randomBytes } from 'node:crypto';
import type { Client, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import { parseId } from '@hooklane/domain';
import { prune, SCOPES } from '@hooklane/engine';
import type { Database } from '@hooklane/postgres';
import { createPruneStore, openDatabase } from '@hooklane/postgres';
import { Redis } from 'ioredis';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { startMovingClock } from './moving-clock.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';

/** Hooklane on a Postgres of its own, with a Redis or without one: an API and two workers as processes of their own. */
export interface System extends AsyncDisposable {
  readonly database: Database;
  readonly receivers: Receivers;
  /** An org that knows nothing of others before it. */
  newOrg(): Promise<SystemOrg>;
  advanceClock(byMs: number): Promise<void>;
  /** SIGKILL of both workers at once; resolves when two others have taken their place. */
  replaceWorkers(): Promise<void>;
  /** What tells workers of due work forgets it: all of Redis, or the connections on which they wait for a signal. */
  loseQueue(): Promise<void>;
  /** What a reaper does in one pass. */
  prune(): Promise<void>;
  /** What workers said of results that they could not write: ids as the API gives them. */
  faults(): readonly Fault[];
  /** The last warnings and errors in the logs of the processes. */
  complaints(): string[];
}

export interface SystemOrg {
  readonly id: string;
  readonly api: Client & OrgClient;
  delete(): Promise<void>;
}

export const KEPT_ATTEMPTS = 5;
export const DAY_MS = 24 * 3_600_000;
export const RETAINED_MS = { eventsMs: 30 * DAY_MS, deliveriesMs: 30 * DAY_MS, divertedMs: 90 * DAY_MS };
const RETAINED_LONGER_MS = { auditMs: 365 * DAY_MS, operationsMs: 365 * DAY_MS };
/** Far longer than anything takes: a receiver that keeps a request is not timed out before it is told to answer. */
export const TIMEOUT_MS = 30_000;
const CLAIM_GRACE_MS = 60_000;
/** Far longer, too: a claim lapses only where a command advances the clock. */
export const CLAIM_MS = TIMEOUT_MS + CLAIM_GRACE_MS;

const ENV = {
  HOOKLANE_CLAIM_GRACE: `${CLAIM_GRACE_MS}ms`,
  HOOKLANE_ENQUEUED_GRACE: '5s',
  HOOKLANE_RELAY_INTERVAL: '100ms',
  // The model does not know who is quick: whatever is due is begun.
  HOOKLANE_SLOW_PERCENT: '100',
  // Takes a guard out, to see the model notice: test/composition.
  ...(process.env['BREAK'] !== undefined && { BREAK: process.env['BREAK'] }),
};

export async function openSystem(on: { redis: boolean }): Promise<System> {
  const closers: Array<() => unknown> = [];
  const close = async () => {
    for (const one of closers.toReversed()) await one();
  };
  try {
    return { ...(await open(on, closers)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  on: { redis: boolean },
  closers: Array<() => unknown>,
): Promise<Omit<System, typeof Symbol.asyncDispose>> {
  const using = <T extends AsyncDisposable>(one: T): T => {
    closers.push(() => one[Symbol.asyncDispose]());
    return one;
  };
  const { url } = using(await createTestDatabase());
  const clock = await startMovingClock(url);
  closers.push(() => clock.dispose());
  const redis = on.redis ? await startRedis() : null;
  closers.push(() => redis?.stop());
  const receivers = using(await startReceivers());
  const database = openDatabase({ url, name: 'model', poolSize: 3, statementTimeoutMs: 60_000, onError: () => {} });
  closers.push(() => database.close());
  const fleet = using(
    await startFleet({
      databaseUrl: url,
      redisUrl: redis?.url,
      env: { ...ENV, ...clock.env },
      composition: 'test',
      without: ['reaper'],
    }),
  );
  const workers = [fleet.worker, fleet.another('worker')];
  await workers[1]?.start();
  return {
    database,
    receivers,
    newOrg: () => openOrg(fleet, database),
    advanceClock: (byMs) =>
      clock.advance(
        byMs,
        [fleet.api, ...workers].map((process) => process.pid),
      ),
    async replaceWorkers() {
      await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
      await until(async () => (await workerConnections(database)) === 0, { what: 'their last statements to end' });
      await Promise.all(workers.map((worker) => worker.start()));
    },
    loseQueue: () => (redis === null ? endListeners(database) : flush(redis.url)),
    faults: () => workers.flatMap(({ lines }) => lines.filter((line) => line.includes(FAULT)).map(readFault)),
    complaints: () => [fleet.api, ...workers].flatMap(({ lines }) => lines.filter(isComplaint).slice(-MOST_COMPLAINTS)),
    async prune() {
      const retention = { ...RETAINED_MS, ...RETAINED_LONGER_MS, attemptsPerWebhook: KEPT_ATTEMPTS };
      const pass = () => prune(createPruneStore(database), retention, new AbortController().signal);
      // As a reaper would, in its next pass.
      await pass().catch((error: unknown) => (isIdleTooLong(error) ? pass() : Promise.reject(error)));
    },
  };
}

/** This process stood still in the middle of a transaction, as everything does on a machine with too much to do. */
function isIdleTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25P03';
}

export interface Fault {
  readonly webhook: string;
  readonly event: string;
}

const FAULT = '"msg":"attempt.fault"';

/** Without ids, where nothing had been claimed. */
function readFault(line: string): Fault {
  const { webhook = '', event = '' } = JSON.parse(line) as Partial<Fault>;
  return { webhook, event };
}

const MOST_COMPLAINTS = 3;

function isComplaint(line: string): boolean {
  return !/"level":"(?:info|debug)"/.test(line);
}

async function openOrg({ url, operator }: Fleet, { pool }: Database): Promise<SystemOrg> {
  const slug = `org-${randomBytes(6).toString('hex')}`;
  await operator.orgs.create({ slug });
  const { key } = await operator.keys.create(slug, { name: 'model', scopes: SCOPES });
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM orgs WHERE slug = $1', [slug]);
  // What is answered with a fault of ours is told, not tried for minutes.
  const api = createClient({ url, apiKey: key, org: slug, retries: 2 });
  return {
    id: rows[0]?.id ?? '',
    api,
    async delete() {
      api.close();
      await operator.orgs.delete(slug);
    },
  };
}

async function flush(redisUrl: string): Promise<void> {
  const client = new Redis(redisUrl);
  await client.flushall();
  client.disconnect();
}

/** Postgres goes on with what a process had asked for when it was killed, and commits it. */
async function workerConnections({ pool }: Database): Promise<number> {
  const { rowCount } = await pool.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hooklane-worker'",
  );
  return rowCount ?? 0;
}

async function endListeners({ pool }: Database): Promise<void> {
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'hooklane-wake'`,
  );
}

/** The UUID behind an id of the API. */
export function uuidOf(prefix: 'wh' | 'evt', id: string): string {
  const uuid = parseId(prefix, id);
  if (uuid === null) throw new TypeError(`${id} is not an id of ${prefix}`);
  return uuid;
}
