import { randomBytes } from 'node:crypto';
import { apiConfig, composeApi } from '@hooklane/api';
import type { Client, CreatedWebhook, NewWebhook, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import { SCOPES } from '@hooklane/engine';
import { composeReaper, readReaperConfig } from '@hooklane/reaper';
import type { Service } from '@hooklane/runtime';
import { ALL_NAMES, createLogger } from '@hooklane/runtime';
import { composeWorker, readWorkerConfig } from '@hooklane/worker';
import { Pool } from 'pg';
import { describe, inject } from 'vitest';
import { createTestDatabase } from './database.ts';
import type { Receiver } from './receiver.ts';

/** API, worker and reaper in this process, on a database of their own. */
export interface House extends AsyncDisposable {
  readonly url: string;
  readonly operatorKey: string;
  /** What its parts were started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly operator: Client;
  /** An org with a key that has every scope. */
  readonly org: OrgClient;
  /** Looks behind the API. */
  readonly pool: Pool;
  /** Present when the house stands on Redis. */
  readonly redis: { url: string; prefix: string } | null;
  newOrg(): Promise<Client & OrgClient>;
  /** Subscribed to everything, pinging not at once, retrying fast, unless told otherwise. Signed with a text. */
  webhook(
    receiver: Pick<Receiver, 'url'>,
    settings?: Partial<NewWebhook>,
  ): Promise<CreatedWebhook & { secret: string }>;
  worker: Part;
  reaper: Part;
}

/** A part of the house that can be stopped and started. */
export interface Part {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface HouseOptions {
  redis: boolean;
  /** More environment, for all parts. */
  env?: Record<string, string>;
}

/** Tells a story twice: on Redis, and on Postgres alone. */
export function onBothQueues(
  promise: string,
  story: (open: (env?: Record<string, string>) => Promise<House>) => void,
): void {
  describe.each([
    ['with Redis', true],
    ['on Postgres alone', false],
  ])(`${promise} (%s)`, (_, redis) => {
    story((env = {}) => openHouse({ redis, env }));
  });
}

export async function openHouse({ redis, env = {} }: HouseOptions): Promise<House> {
  const database = await createTestDatabase();
  const keys = { HOOKLANE_OPERATOR_KEY: randomBytes(32).toString('hex'), HOOKLANE_SEALING_KEYS: sealingKey() };
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const queue = redis ? { REDIS_URL: inject('redisUrl'), HOOKLANE_QUEUE_PREFIX: prefix } : {};
  const settings = { ...QUICK, ...keys, ...queue, DATABASE_URL: database.url, ...env };

  const api = composeApi(apiConfig.read({ ...settings, PORT: '0' }, ALL_NAMES), LOGGER);
  await start(api.services);
  const worker = part(() => composeWorker(readWorkerConfig(settings), LOGGER).services);
  const reaper = part(() => composeReaper(readReaperConfig(settings), LOGGER).services);
  await worker.start();
  await reaper.start();

  const operator = createClient({ url: api.url, apiKey: keys.HOOKLANE_OPERATOR_KEY });
  const newOrg = () => openOrg(operator, api.url);
  const org = await newOrg();
  const pool = new Pool({ connectionString: database.url, max: 3 });
  return {
    url: api.url,
    operatorKey: keys.HOOKLANE_OPERATOR_KEY,
    env: settings,
    operator,
    org,
    pool,
    redis: redis ? { url: inject('redisUrl'), prefix } : null,
    newOrg,
    webhook: async (receiver, changes) =>
      signed(await org.webhooks.create({ url: receiver.url, ...DEFAULTS, ...changes })),
    worker,
    reaper,
    async [Symbol.asyncDispose]() {
      operator.close();
      await worker.stop();
      await reaper.stop();
      await stop(api.services);
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

const LOGGER = createLogger({ name: 'house', level: process.env['HOUSE_LOG'] === undefined ? 'silent' : 'info' });

/** So that nobody waits for what would take seconds in production. */
const QUICK = {
  HOOKLANE_HOST: '127.0.0.1',
  HOOKLANE_HEALTH_PORT: '0',
  HOOKLANE_ALLOW_NETWORKS: '127.0.0.0/8',
  HOOKLANE_ALLOW_HTTP: 'true',
  HOOKLANE_CLAIM_GRACE: '1s',
  HOOKLANE_ENQUEUED_GRACE: '1s',
  HOOKLANE_RELAY_INTERVAL: '100ms',
  HOOKLANE_PRUNE_INTERVAL: '500ms',
  HOOKLANE_ALERT_INTERVAL: '1s',
};

const DEFAULTS = {
  events: ['*'],
  ping: false,
  timeout_ms: 1_000,
  failure_policy: { retry: { kind: 'linear', interval_ms: 50, cap_ms: 50, max_attempts: 3 } },
} as const;

function signed(webhook: CreatedWebhook): CreatedWebhook & { secret: string } {
  if (webhook.secret === null) throw new TypeError('the webhook has no secret that is a text');
  return { ...webhook, secret: webhook.secret };
}

function sealingKey(): string {
  return `test:${randomBytes(32).toString('base64')}`;
}

async function openOrg(operator: Client, url: string): Promise<Client & OrgClient> {
  const slug = `org-${randomBytes(4).toString('hex')}`;
  await operator.orgs.create({ slug });
  const { key } = await operator.keys.create(slug, { name: 'test', scopes: SCOPES });
  return createClient({ url, apiKey: key, org: slug });
}

/** Fresh services at every start: a service starts once. */
function part(compose: () => Service[]): Part {
  let running: Service[] = [];
  return {
    async start() {
      running = compose();
      await start(running);
    },
    async stop() {
      await stop(running);
      running = [];
    },
  };
}

async function start(services: readonly Service[]): Promise<void> {
  for (const service of services) await service.start();
}

async function stop(services: readonly Service[]): Promise<void> {
  for (const service of services.toReversed()) await service.stop();
}
