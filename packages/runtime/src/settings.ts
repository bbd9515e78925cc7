import { z } from 'zod';
import type { EnvSchema } from './env-schemas.ts';
import { boolean, durationMs, headerFields, integer, list, ratio, url } from './env-schemas.ts';
import { parseNetwork } from './networks.ts';
import type { SealingKey } from './sealing-keys.ts';
import { sealingKeys } from './sealing-keys.ts';

/** The parts of the configuration that several processes read, so that one `.env` serves them all. */

export const databaseSettings = {
  databaseUrl: {
    env: 'DATABASE_URL',
    schema: url(['postgres', 'postgresql']),
    description: 'Postgres (14 or newer) with everything Hooklane knows.',
    secret: true,
  },
  pgPool: {
    env: 'HOOKLANE_PG_POOL',
    schema: integer({ min: 2, max: 200 }),
    description: 'Connections to Postgres that this process may hold.',
    default: '10',
  },
} as const;

/** Plain, and for Sentinel and Cluster: the README of packages/queue has their forms. */
const REDIS_SCHEMES = ['redis', 'rediss', 'redis+sentinel', 'rediss+sentinel', 'redis+cluster', 'rediss+cluster'];

export const queueSettings = {
  redisUrl: {
    env: 'REDIS_URL',
    schema: url(REDIS_SCHEMES).optional(),
    description: 'Redis, which makes delivering faster. Without it workers take due work from Postgres.',
    secret: true,
  },
  queueShards: {
    env: 'HOOKLANE_QUEUE_SHARDS',
    schema: integer({ min: 1, max: 64 }),
    description: 'Queues that the work is spread over; the same number for all processes.',
    default: '1',
  },
  queuePrefix: {
    env: 'HOOKLANE_QUEUE_PREFIX',
    schema: z.string().regex(/^[a-z0-9-]{1,40}$/, 'expected up to 40 of a-z, 0-9 and -'),
    description: 'What all keys in Redis begin with; the same for all processes of one installation.',
    default: 'hooklane',
  },
  queueHighWater: {
    env: 'HOOKLANE_QUEUE_HIGH_WATER',
    schema: integer({ min: 100, max: 1_000_000 }),
    description: 'Deliveries waiting in Redis from which on no more are put there; the rest waits in Postgres.',
    default: '10000',
  },
  enqueuedMs: {
    env: 'HOOKLANE_ENQUEUED_GRACE',
    schema: durationMs(),
    description: 'How long the relay trusts that queued work arrives.',
    default: '10s',
  },
} as const;

export const sealingSettings = {
  sealingKeys: {
    env: 'HOOKLANE_SEALING_KEYS',
    schema: sealingKeys() satisfies EnvSchema<readonly [SealingKey, ...SealingKey[]]>,
    description:
      'Keys that signing secrets and headers are stored under, `id:base64 of 32 bytes`, several with commas.',
    secret: true,
  },
} as const;

export const networkSettings = {
  allowNetworks: {
    env: 'HOOKLANE_ALLOW_NETWORKS',
    schema: networks(),
    description: 'Networks in CIDR notation that webhooks may be sent to although they are not public.',
    default: '',
  },
  allowHttp: {
    env: 'HOOKLANE_ALLOW_HTTP',
    schema: boolean(),
    description: 'Let webhooks have http URLs: payloads and signatures travel in the clear.',
    default: 'false',
  },
  allowInsecureTls: {
    env: 'HOOKLANE_ALLOW_INSECURE_TLS',
    schema: boolean(),
    description: 'Let webhooks turn off the verification of their receivers’ certificates.',
    default: 'false',
  },
} as const;

export const logSettings = {
  logLevel: {
    env: 'HOOKLANE_LOG_LEVEL',
    schema: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    description: 'The least severe lines that are logged.',
    default: 'info',
  },
} as const;

export const healthSettings = {
  host: {
    env: 'HOOKLANE_HOST',
    schema: z.string().min(1),
    description: 'Address that this process listens on.',
    default: '0.0.0.0',
  },
  healthPort: {
    env: 'HOOKLANE_HEALTH_PORT',
    schema: integer({ min: 0, max: 65_535 }),
    description:
      'Port of /healthz, /readyz and /metrics of each process (0: any free one). It asks for no key: keep it inside.',
    default: '8081',
  },
} as const;

export const traceSettings = {
  otlpEndpoint: {
    env: 'HOOKLANE_OTLP_ENDPOINT',
    schema: url(['http', 'https'])
      .refine((text) => !new URL(text).username, 'expected a URL without user and password: HOOKLANE_OTLP_HEADERS')
      .optional(),
    description: 'Collector for traces (OTLP over HTTP), such as `http://collector:4318`. Without it there are none.',
  },
  otlpHeaders: {
    env: 'HOOKLANE_OTLP_HEADERS',
    schema: headerFields().optional(),
    description: 'Headers that the collector asks for, `name=value`, several with commas.',
    secret: true,
  },
  traceRatio: {
    env: 'HOOKLANE_TRACE_RATIO',
    schema: ratio(),
    description:
      'Share of the publish requests that are traced, from 0 to 1, where the request has no `traceparent` that decides it.',
    default: '1',
  },
} as const;

/**
 * Every variable named `HOOKLANE_*` that some process reads: the others must not take it for a misspelling. A process
 * that reads a variable of its own adds its name here; its test compares.
 */
export const ALL_NAMES: readonly string[] = [
  'HOOKLANE_PG_POOL',
  'HOOKLANE_QUEUE_SHARDS',
  'HOOKLANE_SEALING_KEYS',
  'HOOKLANE_ALLOW_NETWORKS',
  'HOOKLANE_ALLOW_HTTP',
  'HOOKLANE_ALLOW_INSECURE_TLS',
  'HOOKLANE_LOG_LEVEL',
  'HOOKLANE_QUEUE_PREFIX',
  'HOOKLANE_QUEUE_HIGH_WATER',
  'HOOKLANE_HOST',
  'HOOKLANE_HEALTH_PORT',
  'HOOKLANE_OTLP_ENDPOINT',
  'HOOKLANE_OTLP_HEADERS',
  'HOOKLANE_TRACE_RATIO',
  // worker
  'HOOKLANE_WORKER_SLOTS',
  'HOOKLANE_LANE',
  'HOOKLANE_SLOW_PERCENT',
  'HOOKLANE_FREEZE_HOSTS',
  'HOOKLANE_FREEZE_PERCENT',
  'HOOKLANE_SLOW_AFTER',
  'HOOKLANE_HOST_CONNECTIONS',
  'HOOKLANE_HOST_ATTEMPTS_PER_SECOND',
  'HOOKLANE_RELAY_INTERVAL',
  'HOOKLANE_ALERT_INTERVAL',
  'HOOKLANE_CLAIM_GRACE',
  'HOOKLANE_ENQUEUED_GRACE',
  'HOOKLANE_STOP_TIMEOUT',
  'HOOKLANE_USER_AGENT',
  'HOOKLANE_DNS_SERVERS',
  'HOOKLANE_EGRESS_PROXY',
  'HOOKLANE_CA_FILE',
  'HOOKLANE_PROPAGATE_TRACE',
  // reaper
  'HOOKLANE_PRUNE_INTERVAL',
  'HOOKLANE_RETAIN_EVENTS',
  'HOOKLANE_RETAIN_DELIVERIES',
  'HOOKLANE_RETAIN_DIVERTED',
  'HOOKLANE_RETAIN_AUDIT',
  'HOOKLANE_RETAIN_OPERATIONS',
  'HOOKLANE_FIGURES_INTERVAL',
  // api
  'HOOKLANE_OPERATOR_KEY',
  'HOOKLANE_MAX_PAYLOAD_BYTES',
  'HOOKLANE_MAX_DEPTH',
  'HOOKLANE_WEBHOOKS_PER_ORG',
  'HOOKLANE_WEBHOOKS_PER_HOST',
  'HOOKLANE_ORG_REQUESTS_PER_SECOND',
  'HOOKLANE_ORG_EVENTS_PER_SECOND',
  // npm start
  'HOOKLANE_DATA_DIR',
  // cli
  'HOOKLANE_URL',
  'HOOKLANE_API_KEY',
  'HOOKLANE_ORG',
  'HOOKLANE_WEBHOOK_SECRET',
  // canary
  'HOOKLANE_CANARY_URL',
  'HOOKLANE_CANARY_PORT',
  'HOOKLANE_CANARY_ORG',
  'HOOKLANE_CANARY_INTERVAL',
];

/** As text: the sender parses them again, with those that are built in. Checked here so that no start fails half way. */
function networks(): EnvSchema<readonly string[]> {
  return z
    .string()
    .transform((text) => list().parse(text))
    .refine(
      (items) => items.every((item) => parseNetwork(item) !== null),
      'expected networks such as 10.0.0.0/8 or fd00::/8, separated by commas',
    );
}
