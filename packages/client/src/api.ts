import type { Operations } from './api-types.ts';
import { OPERATIONS } from './api-types.ts';
import type { Call, Send } from './http.ts';
import type { Query } from './paths.ts';
import { pathOf } from './paths.ts';
import type { Repeat } from './retry.ts';

export type OperationName = keyof Operations;

/** A query as the document has it; where it takes a list, a single value will do. */
export type QueryOf<O extends OperationName> = {
  [N in keyof Operations[O]['query']]: Operations[O]['query'][N] extends readonly (infer I)[] | undefined
    ? I | readonly I[] | undefined
    : Operations[O]['query'][N] | undefined;
};

/** What a call is made with. */
export interface Request<O extends OperationName> {
  params: Operations[O]['params'];
  query?: QueryOf<O> | undefined;
  body?: Operations[O]['body'] | undefined;
  /** Instead of `body`: JSON as it is sent. */
  rawBody?: Buffer;
  headers?: Readonly<Record<string, string>>;
  /** Default: POST only if it was certainly not done, all else always. */
  repeat?: Repeat;
  /** Beyond the client's own time limit, for calls that wait for a receiver. */
  extraTimeMs?: number;
}

/**
 * Makes a call by the name it has in the document, whose types say what it takes and gives.
 *
 * @throws {TypeError} for a parameter that would lead to another path; nothing is sent.
 */
export type Api = <O extends OperationName>(operation: O, request: Request<O>) => Promise<Operations[O]['answer']>;

export function apiOver(send: Send): Api {
  // Async, so that a parameter that is refused rejects like everything else.
  return async (operation, { params, query, body, rawBody, ...rest }) => {
    const { method, path } = OPERATIONS[operation];
    const call: Call = {
      repeat: method === 'POST' ? 'if-not-done' : 'always',
      ...rest,
      method,
      path: pathOf(path, params),
      query: query as Query | undefined,
      body: rawBody ?? body,
    };
    return send(call);
  };
}
