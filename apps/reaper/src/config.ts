import type { ConfigOf, Env } from '@hooklane/runtime';
import {
  ALL_NAMES,
  databaseSettings,
  defineConfig,
  durationMs,
  healthSettings,
  logSettings,
  wholeDaysMs,
} from '@hooklane/runtime';

export const reaperSettings = {
  ...databaseSettings,
  ...logSettings,
  ...healthSettings,
  pruneIntervalMs: {
    env: 'HOOKLANE_PRUNE_INTERVAL',
    schema: durationMs(),
    description: 'How often the reaper deletes what is past its limit.',
    default: '1m',
  },
  retainEventsMs: {
    env: 'HOOKLANE_RETAIN_EVENTS',
    schema: wholeDaysMs(),
    description: 'How long events are kept, in whole days. What due or diverted deliveries need is kept longer.',
    default: '30d',
  },
  retainDeliveriesMs: {
    env: 'HOOKLANE_RETAIN_DELIVERIES',
    schema: wholeDaysMs(),
    description: 'How long the history of deliveries is kept, in whole days.',
    default: '30d',
  },
  retainDivertedMs: {
    env: 'HOOKLANE_RETAIN_DIVERTED',
    schema: durationMs(),
    description: 'How long diverted events wait to be sent again.',
    default: '90d',
  },
  retainAuditMs: {
    env: 'HOOKLANE_RETAIN_AUDIT',
    schema: durationMs(),
    description: 'How long the audit trail tells who changed what.',
    default: '365d',
  },
  retainOperationsMs: {
    env: 'HOOKLANE_RETAIN_OPERATIONS',
    schema: durationMs(),
    description: 'How long operations that have ended can be looked up.',
    default: '30d',
  },
  figuresIntervalMs: {
    env: 'HOOKLANE_FIGURES_INTERVAL',
    schema: durationMs(),
    description: 'How often the reaper reads what there is to do, for the metrics; counts are taken more rarely.',
    default: '5s',
  },
} as const;

export type ReaperConfig = ConfigOf<typeof reaperSettings>;

/** Throws a ConfigError with all problems. */
export function readReaperConfig(env: Env): ReaperConfig {
  return defineConfig(reaperSettings).read(env, ALL_NAMES);
}
