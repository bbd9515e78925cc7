import type { ConfigOf, Env } from '@hooklane/runtime';
import {
  ALL_NAMES,
  databaseSettings,
  defineConfig,
  durationMs,
  healthSettings,
  integer,
  logSettings,
  networkSettings,
  queueSettings,
  sealingSettings,
} from '@hooklane/runtime';
import { z } from 'zod';

export const workerSettings = {
  ...databaseSettings,
  ...queueSettings,
  ...sealingSettings,
  ...networkSettings,
  ...logSettings,
  ...healthSettings,
  slots: {
    env: 'HOOKLANE_WORKER_SLOTS',
    schema: integer({ min: 1, max: 10_000 }),
    description: 'Attempts that one worker makes at the same time.',
    default: '400',
  },
  lane: {
    env: 'HOOKLANE_LANE',
    schema: integer({ min: 1, max: 10_000 }),
    description: 'Attempts that one worker makes to one webhook at the same time; more wait in Postgres.',
    default: '50',
  },
  relayIntervalMs: {
    env: 'HOOKLANE_RELAY_INTERVAL',
    schema: durationMs(),
    description: 'How often a worker looks for due work that is neither queued nor claimed.',
    default: '1s',
  },
  claimGraceMs: {
    env: 'HOOKLANE_CLAIM_GRACE',
    schema: durationMs(),
    description: "A claim lapses this long after the webhook's own deadline; then another worker makes the attempt.",
    default: '15s',
  },
  alertIntervalMs: {
    env: 'HOOKLANE_ALERT_INTERVAL',
    schema: durationMs(),
    description: 'Events set aside of one webhook are told to those who listen at most this often, together.',
    default: '60s',
  },
  stopTimeoutMs: {
    env: 'HOOKLANE_STOP_TIMEOUT',
    schema: durationMs(),
    description: 'How long attempts under way may take to end after SIGTERM.',
    default: '35s',
  },
  userAgent: {
    env: 'HOOKLANE_USER_AGENT',
    schema: z.string().min(1).max(200),
    description: 'User-Agent of the requests to receivers.',
    default: 'Hooklane/0.1 (+https://hooklane.dev)',
  },
} as const;

export type WorkerConfig = ConfigOf<typeof workerSettings>;

/** Throws a ConfigError with all problems. */
export function readWorkerConfig(env: Env): WorkerConfig {
  return defineConfig(workerSettings).read(env, ALL_NAMES);
}
