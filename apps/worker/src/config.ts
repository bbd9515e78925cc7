import { isIP } from 'node:net';
import type { ConfigOf, Env, EnvSchema } from '@hooklane/runtime';
import {
  ALL_NAMES,
  boolean,
  databaseSettings,
  defineConfig,
  durationMs,
  healthSettings,
  integer,
  list,
  logSettings,
  networkSettings,
  queueSettings,
  sealingSettings,
  traceSettings,
} from '@hooklane/runtime';
import type { EgressProxy } from '@hooklane/sender';
import { parseEgressProxy } from '@hooklane/sender';
import { z } from 'zod';
import { certificatesFile } from './certificates-file.ts';

export const workerSettings = {
  ...databaseSettings,
  ...queueSettings,
  ...sealingSettings,
  ...networkSettings,
  ...logSettings,
  ...healthSettings,
  ...traceSettings,
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
  slowPercent: {
    env: 'HOOKLANE_SLOW_PERCENT',
    schema: integer({ min: 1, max: 100 }),
    description:
      'Percent of the slots that all slow webhooks share; half of the rest more together with those that are not known yet. 100: no difference is made.',
    default: '25',
  },
  slowAfterMs: {
    env: 'HOOKLANE_SLOW_AFTER',
    schema: durationMs(),
    description: 'An attempt that lasts so long makes its webhook slow, until three in a row were quicker.',
    default: '1s',
  },
  hostConnections: {
    env: 'HOOKLANE_HOST_CONNECTIONS',
    schema: integer({ min: 1, max: 10_000 }),
    description: 'Attempts that one worker makes to one host at the same time, whatever orgs its webhooks are of.',
    default: '200',
  },
  hostPerSecond: {
    env: 'HOOKLANE_HOST_ATTEMPTS_PER_SECOND',
    schema: integer({ min: 1, max: 1_000_000 }).optional(),
    description:
      'Attempts that one worker begins in a second to one host, whatever orgs its webhooks are of. Without it: no limit.',
  },
  freezeHosts: {
    env: 'HOOKLANE_FREEZE_HOSTS',
    schema: integer({ min: 2, max: 1_000_000 }),
    description:
      'When so many hosts begin to fail within five minutes, as one worker sees it, nothing is suspended until they work again.',
    default: '20',
  },
  freezePercent: {
    env: 'HOOKLANE_FREEZE_PERCENT',
    schema: integer({ min: 1, max: 100 }),
    description: 'And only if so many percent of all hosts that were attempted fail.',
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
  dnsServers: {
    env: 'HOOKLANE_DNS_SERVERS',
    schema: dnsServers(),
    description:
      'DNS servers that receivers are looked up with, `address` or `address:port`. Default: those of the machine.',
    default: '',
  },
  egressProxy: {
    env: 'HOOKLANE_EGRESS_PROXY',
    schema: egressProxy().optional(),
    description:
      'HTTP proxy that all requests to receivers go through, as `http://user:password@host:3128`. `HTTP_PROXY` and its like are not looked at.',
    secret: true,
  },
  trustedCertificates: {
    env: 'HOOKLANE_CA_FILE',
    schema: certificatesFile().optional(),
    description: 'File of certificates in PEM that are trusted besides the public authorities.',
  },
  propagateTrace: {
    env: 'HOOKLANE_PROPAGATE_TRACE',
    schema: boolean(),
    description:
      'Send receivers the `traceparent` of each attempt, where there are traces: ids of our own that they see.',
    default: 'false',
  },
} as const;

export type WorkerConfig = ConfigOf<typeof workerSettings>;

/** Throws a ConfigError with all problems. */
export function readWorkerConfig(env: Env): WorkerConfig {
  return defineConfig(workerSettings).read(env, ALL_NAMES);
}

function dnsServers(): EnvSchema<readonly string[]> {
  return list().refine(isServers, 'expected addresses such as 10.0.0.53 or [fd00::53]:5353, separated by commas');
}

function isServers(servers: readonly string[]): boolean {
  return servers.every(
    (server) => isIP(server) !== 0 || isIP(/^\[?([^\]]*)\]?:\d{1,5}$/.exec(server)?.[1] ?? '') !== 0,
  );
}

/** The value is a secret where it has a password, and is quoted in no message. */
function egressProxy(): EnvSchema<EgressProxy> {
  return z.string().transform((text, context) => {
    const proxy = parseEgressProxy(text);
    if (proxy !== null) return proxy;
    context.addIssue({ code: 'custom', message: 'expected a URL such as http://user:password@host:3128' });
    return z.NEVER;
  });
}
