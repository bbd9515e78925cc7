import type { Outcome } from '@hooklane/domain';
import { parseRetryAfter } from '@hooklane/domain';
import type { SendReport, SendRequest } from '@hooklane/engine';
import type { Dispatcher } from 'undici';
import type { Borrower, Connection, ConnectionPool, Target } from './connection-pool.ts';
import { failureOutcome } from './failure-outcome.ts';

/** The request should never have come this far: its URL and headers are checked when they are entered. */
export class UnsendableRequestError extends Error {
  override readonly name = 'UnsendableRequestError';
}

/** What all exchanges of a sender have in common. */
export interface ExchangeContext {
  pool: ConnectionPool;
  userAgent: string;
  readLimitBytes: number;
  keepLimitBytes: number;
  /** Milliseconds since 1970: a `Retry-After` may be a date. */
  clock: () => number;
}

/** Where the report goes; `reject` only for bugs of ours. */
export interface Settle {
  resolve: (report: SendReport) => void;
  reject: (error: unknown) => void;
}

/**
 * One request and its answer. A class, not closures: undici, the pool and one timer call it back, and a request costs
 * one object. It settles once; whatever is called later finds it settled and does nothing.
 */
export class Exchange implements Borrower, Dispatcher.DispatchHandler {
  readonly #context: ExchangeContext;
  readonly #request: SendRequest;
  readonly #url: URL;
  readonly #target: Target;
  readonly #settle: Settle;
  readonly #startedAt = performance.now();
  readonly #deadline: NodeJS.Timeout;
  #settled = false;
  #connection: Connection | null = null;
  #phase: 'connect' | 'headers' = 'connect';
  #informational = 0;
  #head: Head | null = null;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #readBytes = 0;

  /** @throws {UnsendableRequestError | TypeError} when the request is none: our own bug. */
  constructor(context: ExchangeContext, request: SendRequest, settle: Settle) {
    this.#url = sendableUrl(request);
    this.#target = { origin: this.#url.origin, tls: request.tls ?? null };
    this.#context = context;
    this.#request = request;
    this.#settle = settle;
    this.#deadline = setTimeout(expire, request.timeoutMs, this);
  }

  start(): void {
    this.#context.pool.borrow(this.#target, this);
  }

  begin(connection: Connection): void {
    this.#connection = connection;
    const { headers, body } = this.#request;
    connection.dispatch(
      {
        method: 'POST',
        path: this.#url.pathname + this.#url.search,
        headers: headerLines(headers, this.#context.userAgent),
        body,
      },
      this,
    );
  }

  onRequestStart(): void {
    this.#phase = 'headers';
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    if (this.#settled) return;
    // The type allows undefined, for requests; a header that was received has a value.
    if (status >= 200) this.#head = { status, headers: headers as Head['headers'] };
    else if (++this.#informational > INFORMATIONAL_MAX) this.#fail(TOO_MANY_INFORMATIONAL);
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (this.#settled) return;
    this.#readBytes += chunk.length;
    const wanted = Math.min(chunk.length, this.#context.keepLimitBytes - this.#keptBytes);
    if (wanted > 0) {
      // A copy: a view would keep the whole chunk of the socket in memory until the attempt is recorded.
      this.#kept.push(Buffer.from(chunk.subarray(0, wanted)));
      this.#keptBytes += wanted;
    }
    if (this.#readBytes > this.#context.readLimitBytes && this.#head) this.#breakOff(this.#head);
  }

  onResponseEnd(): void {
    if (this.#settled || !this.#head || !this.#connection) return;
    this.#finish(this.#answered(this.#head, this.#readBytes > this.#keptBytes));
    this.#context.pool.giveBack(this.#connection);
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#settled) return;
    const outcome = failureOutcome(error);
    if (this.#head) this.#breakOff(this.#head);
    else if (outcome) this.#fail(outcome);
    else this.#giveUp(error);
  }

  /** The total deadline has passed. */
  expire(): void {
    if (this.#settled) return;
    if (this.#head) this.#breakOff(this.#head);
    else this.#fail({ kind: 'timed-out', phase: this.#phase });
  }

  /** The status has decided; the rest of the body is not worth waiting for, or did not come. */
  #breakOff(head: Head): void {
    this.#finish(this.#answered(head, true));
    this.#dropConnection();
  }

  #fail(outcome: Outcome): void {
    this.#finish({ outcome, durationMs: this.#durationMs(), response: null });
    this.#dropConnection();
  }

  #giveUp(error: Error): void {
    this.#end();
    this.#settle.reject(error);
    this.#dropConnection();
  }

  #finish(report: SendReport): void {
    this.#end();
    this.#settle.resolve(report);
  }

  #end(): void {
    this.#settled = true;
    clearTimeout(this.#deadline);
  }

  #dropConnection(): void {
    if (this.#connection) this.#context.pool.discard(this.#connection);
    else this.#context.pool.leave(this.#target, this);
  }

  #answered({ status, headers }: Head, truncated: boolean): SendReport {
    const body = Buffer.concat(this.#kept);
    return {
      outcome: outcomeOfStatus(status, headers['retry-after'], this.#context.clock),
      durationMs: this.#durationMs(),
      response: { status, headers, body, truncated },
    };
  }

  #durationMs(): number {
    return performance.now() - this.#startedAt;
  }
}

interface Head {
  status: number;
  headers: Record<string, string | string[]>;
}

/** Each 1xx costs CPU and starts undici's patience anew; nobody has a use for more than a few. */
const INFORMATIONAL_MAX = 20;
const TOO_MANY_INFORMATIONAL: Outcome = { kind: 'unreachable', code: 'protocol_error' };

function expire(exchange: Exchange): void {
  exchange.expire();
}

function sendableUrl({ url: text, headers }: SendRequest): URL {
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UnsendableRequestError('only http and https can be sent to');
  }
  // It would choose the certificate that is asked for, and the site behind a shared address.
  if (headers['host'] !== undefined) throw new UnsendableRequestError('the host header comes from the URL');
  return url;
}

/** No decompression: 200 kB of gzip can be 200 MB of zeros. `identity` asks for none, and none is undone. */
function headerLines(headers: SendRequest['headers'], userAgent: string): Record<string, string | string[]> {
  return { 'user-agent': userAgent, ...(headers as Record<string, string | string[]>), 'accept-encoding': 'identity' };
}

function outcomeOfStatus(status: number, retryAfter: string | string[] | undefined, clock: () => number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'accepted', status };
  const wish = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
  const retryAfterMs = wish === undefined ? undefined : parseRetryAfter(wish, clock());
  return retryAfterMs === undefined ? { kind: 'rejected', status } : { kind: 'rejected', status, retryAfterMs };
}
