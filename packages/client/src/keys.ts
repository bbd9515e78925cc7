import type { Api, QueryOf } from './api.ts';
import type { Page } from './paging.ts';
import { listing } from './paging.ts';
import type { ApiKey, CreatedApiKey, NewApiKey } from './types.ts';

/** The API keys of an org. Needs the operator's key. */
export interface Keys {
  create(org: string, key: NewApiKey): Promise<CreatedApiKey>;
  list(org: string, query?: QueryOf<'listKeys'>): Promise<Page<ApiKey>>;
  all(org: string, query?: QueryOf<'listKeys'>): AsyncGenerator<ApiKey, void>;
  get(org: string, id: string): Promise<ApiKey>;
  delete(org: string, id: string): Promise<void>;
}

export function keysOf(api: Api): Keys {
  return {
    create: (org, body) => api('createKey', { params: { org }, body }),
    list: (org, query) => listing(api, 'listKeys', { org }).list(query),
    all: (org, query) => listing(api, 'listKeys', { org }).all(query),
    get: (org, id) => api('getKey', { params: { org, id } }),
    delete: (org, id) => api('revokeKey', { params: { org, id } }),
  };
}
