import type { Send } from './http.ts';
import type { Page, PageQuery } from './paging.ts';
import { listing } from './paging.ts';
import { path } from './paths.ts';
import type { ApiKey, CreatedApiKey, NewApiKey } from './types.ts';

/** The API keys of an org. Needs the operator's key. */
export interface Keys {
  create(org: string, key: NewApiKey): Promise<CreatedApiKey>;
  list(org: string, query?: PageQuery): Promise<Page<ApiKey>>;
  all(org: string, query?: PageQuery): AsyncGenerator<ApiKey, void>;
  delete(org: string, id: string): Promise<void>;
}

export function keysOf(send: Send): Keys {
  const keys = (org: string) => listing<ApiKey, PageQuery>(send, path`/v1/orgs/${org}/keys`);
  return {
    create: async (org, key) =>
      send({ method: 'POST', path: path`/v1/orgs/${org}/keys`, body: key, repeat: 'if-not-done' }),
    list: async (org, query) => keys(org).list(query),
    all: (org, query) => keys(org).all(query),
    delete: async (org, id) => send({ method: 'DELETE', path: path`/v1/orgs/${org}/keys/${id}`, repeat: 'always' }),
  };
}
