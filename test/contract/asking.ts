import { Agent, request } from 'undici';

export interface Asked {
  method: string;
  /** With the query. */
  path: string;
  /** Null: none. */
  key: string | null;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

export interface Answered {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface Asking extends AsyncDisposable {
  ask(asked: Asked, url?: string): Promise<Answered>;
}

/** Speaks HTTP to the API at `url`. An answer that takes longer than `deadlineMs` is an error. */
export function openAsking(url: string, deadlineMs: number): Asking {
  const dispatcher = new Agent({ connections: 32, pipelining: 1 });
  return {
    async ask({ method, path, key, headers = {}, body }, at = url) {
      const {
        statusCode,
        headers: answered,
        body: stream,
      } = await request(at + path, {
        method,
        dispatcher,
        signal: AbortSignal.timeout(deadlineMs),
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body ?? null,
      });
      return { status: statusCode, headers: answered, text: await stream.text() };
    },
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}
