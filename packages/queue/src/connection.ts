import type { RedisOptions } from 'ioredis';
import { Cluster, Redis } from 'ioredis';
import type { Credentials, RedisTarget } from './redis-url.ts';

export type RedisClient = Redis | Cluster;

/** Replies are mapped as BullMQ expects them, not as RESP3 has them. */
type Options = Omit<RedisOptions, 'replyMapping'>;

/** Announcing must fail at once, consuming must never give up: their connections need opposite settings. */
export type Purpose = 'announcing' | 'consuming';

/** Begins to connect and goes on trying until it is disconnected. Never throws and never rejects for a Redis that is away. */
export function connect(target: RedisTarget, purpose: Purpose): RedisClient {
  const options = { ...SETTINGS[purpose], ...target.credentials, ...(target.tls && { tls: {} }) };
  // Without a listener ioredis prints every failed reconnect; what became of the connection is told by watchConnection.
  return open(target, options).on('error', () => {});
}

/** README: the trap each of these avoids. */
const SETTINGS = {
  announcing: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 1_000,
    connectTimeout: 3_000,
    socketTimeout: 5_000,
    retryStrategy: reconnectDelayMs,
    reconnectOnError: (error: Error) => (isReadOnly(error) ? 1 : false),
  },
  consuming: {
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    connectTimeout: 3_000,
    // Longer than BullMQ's longest blocking command (10 s).
    socketTimeout: 15_000,
    retryStrategy: reconnectDelayMs,
    reconnectOnError: (error: Error) => (isReadOnly(error) ? 2 : false),
  },
} satisfies Record<Purpose, Options>;

/** At most about a second: with the default of BullMQ a worker comes back 20 s after its Redis. */
function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 1_000) + Math.random() * 200;
}

/** After a failover we still talk to the former master; only a new connection finds the new one. */
function isReadOnly(error: Error): boolean {
  return error.message.startsWith('READONLY');
}

function open(target: RedisTarget, options: Options): RedisClient {
  switch (target.topology) {
    case 'single':
      return new Redis({ ...options, ...target.address, db: target.db });
    case 'sentinel':
      return new Redis({ ...options, ...sentinelOptions(target), db: target.db });
    case 'cluster':
      return openCluster(target.nodes, options);
  }
}

function sentinelOptions(target: Extract<RedisTarget, { topology: 'sentinel' }>): Options {
  const { sentinels, masterName, sentinelCredentials, tls } = target;
  return {
    sentinels,
    name: masterName,
    ...forSentinels(sentinelCredentials),
    enableTLSForSentinelMode: tls,
    ...(tls && { sentinelTLS: {} }),
  };
}

function forSentinels({ username, password }: Credentials): Options {
  return { ...(username && { sentinelUsername: username }), ...(password && { sentinelPassword: password }) };
}

function openCluster(nodes: { host: string; port: number }[], options: Options): Cluster {
  const { retryStrategy: _, enableOfflineQueue = true, ...redisOptions } = options;
  return new Cluster(nodes, { redisOptions, enableOfflineQueue, clusterRetryStrategy: reconnectDelayMs });
}

export interface ConnectionEvents {
  onUp: () => void;
  onDown: (reason: string) => void;
}

/**
 * Tells of changes only: an outage is one `onDown`, however many reconnects fail meanwhile; so is a Redis that never was
 * there. Returns what ends the watch: a connection that we close ourselves is no news.
 */
export function watchConnection(client: RedisClient, { onUp, onDown }: ConnectionEvents): () => void {
  let isUp: boolean | undefined;
  let reason = CLOSED;
  const listeners = {
    error: (error: Error) => {
      reason = reasonOf(error);
    },
    ready: () => {
      isUp = true;
      reason = CLOSED;
      onUp();
    },
    close: () => {
      if (isUp !== false) onDown(reason);
      isUp = false;
    },
  };
  client.on('error', listeners.error).on('ready', listeners.ready).on('close', listeners.close);
  return () => {
    client.off('error', listeners.error).off('ready', listeners.ready).off('close', listeners.close);
  };
}

const CLOSED = 'the connection was closed';

/** The message alone: ioredis hangs the command with its arguments on the error, AUTH and its password too. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  // A refused connection to a name with two addresses comes as an AggregateError without a message.
  return error.message || ('code' in error ? String(error.code) : error.name);
}
