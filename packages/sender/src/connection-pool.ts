import type { Socket } from 'node:net';
import type { TlsSettings } from '@hooklane/domain';
import type { Dispatcher } from 'undici';
import { Client } from 'undici';
import type { Dial } from './guarded-connect.ts';

export interface ConnectionPoolOptions {
  dial: Dial;
  maxConnectionsPerOrigin: number;
  maxIdleConnections: number;
  keepAliveTimeoutMs: number;
}

/** Where a connection leads. One is shared only between targets that are equal in both. */
export interface Target {
  /** Scheme, host and port, as `URL.origin` gives them. */
  origin: string;
  tls: TlsSettings | null;
}

/** Who wants a connection. Told at once or once one is free, unless it left the queue before. */
export interface Borrower {
  begin(connection: Connection): void;
}

/**
 * Lends connections to one borrower at a time. Not undici's Agent, for what it cannot do: end a connect whose deadline
 * has passed (it would hold its place until the connect itself fails), leave its queue (a request whose time ran out there
 * destroys the good connection it is given), and bound the idle connections of all origins together.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #origins = new Map<string, Origin>();
  /** Of all origins, longest idle first. */
  readonly #idle = new Set<Connection>();
  #onceEmpty: (() => void) | null = null;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** How many connections there are; for tests and gauges. */
  get counts(): { origins: number; open: number; idle: number } {
    let open = 0;
    for (const origin of this.#origins.values()) open += origin.open;
    return { origins: this.#origins.size, open, idle: this.#idle.size };
  }

  borrow(target: Target, borrower: Borrower): void {
    const origin = this.#originOf(target);
    const idle = origin.idle.pop();
    if (idle) {
      this.#idle.delete(idle);
      borrower.begin(idle);
    } else if (origin.open < this.#options.maxConnectionsPerOrigin) {
      borrower.begin(this.#open(origin));
    } else {
      origin.waiting.add(borrower);
    }
  }

  /** The borrower no longer wants a connection; nothing if it was not waiting. */
  leave(target: Target, borrower: Borrower): void {
    this.#origins.get(keyOf(target))?.waiting.delete(borrower);
  }

  /** The connection may serve another request. */
  giveBack(connection: Connection): void {
    const { origin } = connection;
    const next = firstOf(origin.waiting);
    if (next) {
      origin.waiting.delete(next);
      // Not at once: undici is still inside the answer before.
      queueMicrotask(() => next.begin(connection));
      return;
    }
    origin.idle.push(connection);
    this.#idle.add(connection);
    if (this.#onceEmpty) this.discard(connection);
    else if (this.#idle.size > this.#options.maxIdleConnections) this.discard(firstOf(this.#idle) ?? connection);
  }

  /** Ends the connection, even one that is still connecting, and whatever is under way on it. */
  discard(connection: Connection): void {
    this.#forget(connection);
    connection.destroy();
  }

  /** Ends idle connections now and the lent ones when they come back. */
  async close(): Promise<void> {
    const empty = new Promise<void>((resolve) => {
      this.#onceEmpty = resolve;
    });
    for (const connection of this.#idle) this.discard(connection);
    if (this.#origins.size === 0) this.#onceEmpty?.();
    await empty;
  }

  #originOf(target: Target): Origin {
    const key = keyOf(target);
    const known = this.#origins.get(key);
    if (known) return known;
    const origin: Origin = { key, target, open: 0, idle: [], waiting: new Set() };
    this.#origins.set(key, origin);
    return origin;
  }

  #open(origin: Origin): Connection {
    origin.open += 1;
    return new Connection(origin, this.#options, (connection) => {
      // A lent connection reports the loss to its borrower, who discards it.
      if (this.#idle.has(connection)) this.discard(connection);
    });
  }

  #forget(connection: Connection): void {
    const { origin } = connection;
    if (this.#idle.delete(connection)) origin.idle.splice(origin.idle.indexOf(connection), 1);
    origin.open -= 1;
    const next = firstOf(origin.waiting);
    if (next) {
      origin.waiting.delete(next);
      next.begin(this.#open(origin));
    } else if (origin.open === 0) {
      this.#origins.delete(origin.key);
      if (this.#origins.size === 0) this.#onceEmpty?.();
    }
  }
}

/** One undici client, which is one socket at a time. */
export class Connection {
  readonly origin: Origin;
  readonly #client: Client;
  #socket: Socket | null = null;
  /** Bytes the socket had brought before the exchange under way. */
  #readBefore = 0;

  constructor(origin: Origin, options: ConnectionPoolOptions, onceLost: (connection: Connection) => void) {
    this.origin = origin;
    const { origin: url, tls } = origin.target;
    this.#client = new Client(url, {
      connect: (address, done) => {
        this.#socket = options.dial(address, tls, (...outcome) => {
          // Before undici listens: what is too much is not parsed any more.
          outcome[1]?.on('readable', () => this.#endIfTooMuch());
          done(...outcome);
        });
      },
      // The total deadline of the attempt stands above both; as timers of undici they would only cost.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 16_384,
      pipelining: 1,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      // A receiver's `Keep-Alive: timeout=` may shorten it, by a second for the way, and not prolong it.
      keepAliveMaxTimeout: options.keepAliveTimeoutMs,
      keepAliveTimeoutThreshold: 1_000,
    });
    this.#client.on('disconnect', () => onceLost(this));
  }

  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#readBefore = this.#socket?.bytesRead ?? 0;
    this.#client.dispatch(request, handler);
  }

  /** Headers and bodies have limits of their own; reason phrases, chunk extensions and trailers do not. */
  #endIfTooMuch(): void {
    const socket = this.#socket;
    if (socket !== null && socket.bytesRead - this.#readBefore > RAW_BYTES_MAX) socket.destroy(new TooMuchReadError());
  }

  destroy(): void {
    // Its callback form: the promise would be one more for nobody.
    this.#client.destroy(nothing);
    this.#socket?.destroy();
  }
}

/** Of one answer, all of it: eight times what is read of a body, for a body in small chunks is mostly their frames. */
const RAW_BYTES_MAX = 512 * 1024;

/** The receiver sends and sends, and none of it is body. */
export class TooMuchReadError extends Error {
  override readonly name = 'TooMuchReadError';

  constructor() {
    super(`more than ${RAW_BYTES_MAX} bytes in one answer`);
  }
}

interface Origin {
  key: string;
  target: Target;
  /** Connections lent or idle. */
  open: number;
  /** Last in, first out: under little load the rest grow cold and close by themselves. */
  idle: Connection[];
  waiting: Set<Borrower>;
}

/** No origin contains a space. */
function keyOf({ origin, tls }: Target): string {
  return tls === null ? origin : `${origin} ${tls.id}`;
}

function firstOf<T>(set: Set<T>): T | undefined {
  return set.values().next().value;
}

function nothing(): void {}
