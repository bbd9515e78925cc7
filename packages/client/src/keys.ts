import type { Api } from './api.ts';
import type { Page } from './paging.ts';
import { listing } from './paging.ts';
import type { ApiKey, CreatedApiKey, NewApiKey } from './types.ts';

/** The API keys of an org. Needs the operator's key. */
export interface Keys {
  create(org: string, key: NewApiKey): Promise<CreatedApiKey>;
  list(org: string): Promise<Page<ApiKey>>;
  all(org: string): AsyncGenerator<ApiKey, void>;
  delete(org: string, id: string): Promise<void>;
}

export function keysOf(api: Api): Keys {
  return {
    create: (org, body) => api('createKey', { params: { org }, body }),
    list: (org) => listing(api, 'listKeys', { org }).list(),
    all: (org) => listing(api, 'listKeys', { org }).all(),
    delete: (org, id) => api('revokeKey', { params: { org, id } }),
  };
}
