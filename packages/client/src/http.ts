import { setMaxListeners } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Method, OptionsInit, OptionsOfTextResponseBody, Response } from 'got';
import { got, RequestError } from 'got';
import type { Answer } from './errors.ts';
import { HooklaneConnectionError, HooklaneError, refusalOf } from './errors.ts';
import type { Query } from './paths.ts';
import { queryString } from './paths.ts';
import type { Repeat } from './retry.ts';
import { retriedFailures, retryDelayMs } from './retry.ts';
import { USER_AGENT } from './user-agent.ts';

export interface ConnectionOptions {
  /** Where the API is, such as `https://hooklane.example.com`; a path is kept as prefix. */
  url: string;
  /** The key, or a function that gives it: asked once for each call, so that a key can be renewed. */
  apiKey: string | (() => string | Promise<string>);
  /** For each attempt, from connecting to the last byte of the answer. Default 10 s. */
  timeoutMs?: number;
  /** Retries after the first attempt. Default 5; 0 turns them off. */
  retries?: number;
  /** Default `hooklane-client/<version>`. */
  userAgent?: string;
}

/** One call of the API. */
export interface Call {
  method: Extract<Method, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>;
  /** Made by `pathOf`. */
  path: string;
  query?: Query | undefined;
  /** Sent as JSON; bytes are sent as they are. */
  body?: object | undefined;
  headers?: Readonly<Record<string, string>>;
  repeat: Repeat;
  /** Beyond the client's own time limit, for calls that wait for a receiver. */
  extraTimeMs?: number;
}

/** Makes a call and gives the answer's JSON; undefined when the answer is empty. */
export type Send = <T>(call: Call) => Promise<T>;

export interface Connection {
  send: Send;
  /** Ends the idle connections and aborts the calls under way. */
  close(): void;
}

/** @throws {TypeError} when an option could never work. */
export function connect(options: ConnectionOptions): Connection {
  const base = baseUrl(options.url);
  // A missing environment variable shows at the start, not at the first event.
  if (typeof options.apiKey !== 'function') checkedKey(options.apiKey);
  const timeoutMs = options.timeoutMs ?? 10_000;
  const closing = new AbortController();
  // Every call under way listens to it; the default bound of 10 takes that for a leak.
  setMaxListeners(0, closing.signal);
  const agents = keepAliveAgents();
  const client = got.extend(clientOptions(options), { agent: agents, signal: closing.signal });
  return {
    async send<T>(call: Call): Promise<T> {
      const request = requestOptions(call, { timeoutMs, key: await keyOf(options.apiKey) });
      const url = new URL(base + call.path + queryString(call.query));
      return read<T>(call, await answerTo(call, () => client(url, request)));
    },
    close() {
      closing.abort();
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new TypeError('url is not an http(s) URL.');
  // Printed nowhere: somebody put a password into it.
  if (url.username || url.password) throw new TypeError('url holds a user or password; use apiKey.');
  if (url.search || url.hash) throw new TypeError('url has a query or fragment.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function keepAliveAgents(): { http: HttpAgent; https: HttpsAgent } {
  // Node servers close a connection after 5 idle seconds. Ours goes first: a call that may not be repeated would
  // otherwise now and then be sent into a connection that is just being closed, and fail for nothing.
  const idle = { keepAlive: true, timeout: 4_000 };
  return { http: new HttpAgent(idle), https: new HttpsAgent(idle) };
}

function clientOptions({ userAgent = USER_AGENT, retries = 5 }: ConnectionOptions): OptionsInit {
  return {
    headers: { 'user-agent': userAgent, accept: 'application/json, application/problem+json' },
    responseType: 'text',
    // A redirect would carry the key and the payload to where the configuration does not say.
    followRedirect: false,
    throwHttpErrors: false,
    retry: {
      limit: retries,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      enforceRetryRules: true,
      // got gives up when Retry-After is above this; we wait a capped time and ask again.
      maxRetryAfter: Number.POSITIVE_INFINITY,
      calculateDelay: ({ attemptCount, retryAfter }) =>
        retryDelayMs({ retry: attemptCount, retryAfterMs: retryAfter, random: Math.random() }),
    },
  };
}

async function keyOf(apiKey: ConnectionOptions['apiKey']): Promise<string> {
  return checkedKey(typeof apiKey === 'function' ? await apiKey() : apiKey);
}

function checkedKey(key: unknown): string {
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key))
    throw new TypeError('apiKey is empty or has characters that no key has.');
  return key;
}

function requestOptions(call: Call, given: { timeoutMs: number; key: string }): OptionsOfTextResponseBody {
  return {
    method: call.method,
    headers: {
      ...call.headers,
      ...(call.body && { 'content-type': 'application/json' }),
      authorization: `Bearer ${given.key}`,
    },
    ...(call.body && { body: Buffer.isBuffer(call.body) ? call.body : JSON.stringify(call.body) }),
    timeout: { request: given.timeoutMs + (call.extraTimeMs ?? 0) },
    retry: retriedFailures(call.repeat),
  };
}

async function answerTo(call: Call, request: () => Promise<Response<string>>): Promise<Answer & { retries: number }> {
  try {
    const response = await request();
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      retries: response.retryCount,
    };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new HooklaneConnectionError(call, { code: error.code, reason: error.message });
  }
}

function read<T>(call: Call, answer: Answer & { retries: number }): T {
  // The first DELETE did it and its answer was lost.
  const gone = call.method === 'DELETE' && answer.status === 404 && answer.retries > 0;
  const done = answer.status >= 200 && answer.status <= 299;
  if (!done && !gone) throw new HooklaneError(call, refusalOf(answer));
  return gone || answer.text === '' ? (undefined as T) : parse(call, answer);
}

function parse<T>(call: Call, answer: Answer): T {
  try {
    return JSON.parse(answer.text);
  } catch {
    const detail = 'the answer is not JSON: is this the address of the API?';
    throw new HooklaneError(call, { ...refusalOf(answer), code: 'unreadable_answer', detail });
  }
}
