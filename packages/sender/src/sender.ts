import type { Sender } from '@hooklane/engine';
import type { AddressPolicy } from './address-policy.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { EgressProxy } from './egress-proxy.ts';
import type { ExchangeContext } from './exchange.ts';
import { Exchange } from './exchange.ts';
import { createGuardedConnect } from './guarded-connect.ts';
import type { Resolver } from './resolver.ts';

export interface SenderOptions {
  policy: AddressPolicy;
  resolver: Resolver;
  /** Sent unless the request brings its own. */
  userAgent: string;
  /** Requests beyond it wait for a connection, within their own deadline. Default 50. */
  maxConnectionsPerOrigin?: number;
  /** Over all origins; the longest idle one is closed first. Default 1,000. */
  maxIdleConnections?: number;
  /**
   * How long a connection may be idle, default 4,000 ms: less than the 5 s after which Node and Apache close theirs, so
   * that a request rarely crosses a close on its way. A receiver's `Keep-Alive: timeout=` shortens it.
   */
  keepAliveTimeoutMs?: number;
  /** A longer answer is cut off, which costs its connection. Default 65,536. */
  readLimitBytes?: number;
  /** What is kept of an answer. Default 4,096. */
  keepLimitBytes?: number;
  /** Certificate authorities to trust besides those of Node, as PEM. */
  trustedCertificates?: readonly string[];
  /** Heed `tls.verify: false` of a request. Default: certificates are verified all the same. */
  allowUnverified?: boolean;
  /** Where all connections go through. Default: none; `HTTP_PROXY` and its like are never looked at. */
  proxy?: EgressProxy | null;
  /** Milliseconds since 1970, for a `Retry-After` that is a date. Default: the clock of the machine. */
  clock?: () => number;
}

export interface HttpSender extends Sender {
  /** Lets attempts under way end, each within its deadline, then closes all connections. The resolver stays open. */
  close(): Promise<void>;
  /** Connections lent or idle, for gauges. */
  readonly connections: { origins: number; open: number; idle: number };
}

/** `send` after `close`: whoever stops a sender stops its users first. */
export class SenderClosedError extends Error {
  override readonly name = 'SenderClosedError';
}

/** Sends over HTTP/1.1 with undici. See the README for what each kind of answer comes to. */
export function createSender(options: SenderOptions): HttpSender {
  const pool = new ConnectionPool({
    dial: createGuardedConnect(options),
    maxConnectionsPerOrigin: options.maxConnectionsPerOrigin ?? 50,
    maxIdleConnections: options.maxIdleConnections ?? 1_000,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 4_000,
  });
  const context: ExchangeContext = {
    pool,
    userAgent: options.userAgent,
    readLimitBytes: options.readLimitBytes ?? 65_536,
    keepLimitBytes: options.keepLimitBytes ?? 4_096,
    clock: options.clock ?? Date.now,
  };
  let closed = false;

  return {
    send(request) {
      if (closed) return Promise.reject(new SenderClosedError('the sender is closed'));
      return new Promise((resolve, reject) => new Exchange(context, request, { resolve, reject }).start());
    },
    async close() {
      closed = true;
      await pool.close();
    },
    get connections() {
      return pool.counts;
    },
  };
}
